// The same echo on standalone Asio: one io_context for one thread (its locks are left out), a buffer per
// connection, a read and a write of what it brought.
#include <array>
#include <asio.hpp>
#include <memory>

#include "tests/bench/engines/echo_main.hpp"

namespace {

using asio::ip::tcp;
using namespace synscope::bench;

class Session : public std::enable_shared_from_this<Session> {
  public:
    explicit Session(tcp::socket socket) : socket_(std::move(socket)) {}
    void read() {
        socket_.async_read_some(asio::buffer(buffer_),
                                [self = shared_from_this()](const asio::error_code& error, std::size_t n) {
                                    if (!error) self->write(n);
                                });
    }

  private:
    void write(std::size_t size) {
        asio::async_write(socket_, asio::buffer(buffer_, size),
                          [self = shared_from_this()](const asio::error_code& error, std::size_t) {
                              if (!error) self->read();
                          });
    }
    tcp::socket socket_;
    std::array<char, kReadSize> buffer_;
};

void accept_next(tcp::acceptor& acceptor) {
    acceptor.async_accept([&acceptor](const asio::error_code& error, tcp::socket socket) {
        if (!error) std::make_shared<Session>(std::move(socket))->read();
        accept_next(acceptor);
    });
}

}  // namespace

int main() {
    asio::io_context context{ASIO_CONCURRENCY_HINT_UNSAFE};
    tcp::acceptor acceptor{context, tcp::v4(), listen_somewhere()};
    accept_next(acceptor);
    context.run();
}
