// An echo on the bare calls: what an edge-triggered epoll loop costs at least. It has the drain rule of our
// engine `epoll-et`: it reads until EAGAIN, or while others wait until a read is short, at most 16 times a
// turn, and writes each read back at once. What the kernel does not take is kept, and nothing more is read
// until it is gone.
#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/bench/engines/echo_main.hpp"

namespace {

using namespace synscope::bench;

constexpr int kReadsPerTurn = 16;

struct Client {
    int fd = -1;
    std::vector<std::byte> unsent;
    bool readable = false;
    bool writable = false;
    bool short_read_is_all = true;  ///< nothing but input and room was ever reported
};

class Echo {
  public:
    explicit Echo(int listener) : listener_(listener), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        add(listener_, EPOLLIN | EPOLLET);
    }
    [[noreturn]] void run() {
        std::array<epoll_event, 64> events;
        for (;;) {
            const int n = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                       unfinished_.empty() ? -1 : 0);
            for (int i = 0; i < n; ++i)
                dispatch(events[static_cast<std::size_t>(i)], i + 1 < n || !unfinished_.empty());
            for (std::size_t left = unfinished_.size(); left > 0; --left) {
                const auto client = clients_.find(unfinished_.front());
                unfinished_.pop_front();
                if (client != clients_.end()) serve(*client->second, !unfinished_.empty());
            }
        }
    }

  private:
    void add(int fd, std::uint32_t what) const {
        epoll_event event{};
        event.events = what;
        event.data.fd = fd;
        if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) give_up("epoll_ctl");
    }
    void dispatch(const epoll_event& event, bool others_wait) {
        if (event.data.fd == listener_) return accept_all();
        const auto found = clients_.find(event.data.fd);
        if (found == clients_.end()) return;
        Client& client = *found->second;
        client.readable |= (event.events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
        client.writable |= (event.events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0;
        client.short_read_is_all &= (event.events & ~std::uint32_t{EPOLLIN | EPOLLOUT}) == 0;
        serve(client, others_wait);
    }
    void accept_all() {
        for (;;) {
            const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0) return;
            auto& client = clients_[fd];
            client = std::make_unique<Client>();
            client->fd = fd;
            add(fd, EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET);
        }
    }
    void serve(Client& client, bool others_wait) {
        if (!write_rest(client)) return drop(client);
        for (int reads = 0; client.readable && client.unsent.empty(); ++reads) {
            if (reads == kReadsPerTurn) return unfinished_.push_back(client.fd);
            const ssize_t n = ::recv(client.fd, buffer_.data(), buffer_.size(), 0);
            if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return drop(client);
            if (n < 0) {
                client.readable = errno == EINTR;
                continue;
            }
            if (!write(client, buffer_.data(), static_cast<std::size_t>(n))) return drop(client);
            const bool was_short = static_cast<std::size_t>(n) < buffer_.size();
            if (others_wait && was_short && client.short_read_is_all) client.readable = false;
        }
    }
    static bool write(Client& client, const std::byte* bytes, std::size_t size) {
        while (size > 0) {
            const ssize_t n = ::send(client.fd, bytes, size, MSG_NOSIGNAL);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0 && errno != EAGAIN) return false;
            if (n < 0) {
                client.writable = false;
                client.unsent.assign(bytes, bytes + size);
                return true;
            }
            bytes += n;
            size -= static_cast<std::size_t>(n);
        }
        return true;
    }
    static bool write_rest(Client& client) {
        if (client.unsent.empty() || !client.writable) return true;
        const std::vector<std::byte> rest = std::exchange(client.unsent, {});
        return write(client, rest.data(), rest.size());
    }
    void drop(const Client& client) {
        const int fd = client.fd;
        ::close(fd);
        clients_.erase(fd);
    }

    int listener_;
    int epoll_;
    std::array<std::byte, kReadSize> buffer_{};
    std::unordered_map<int, std::unique_ptr<Client>> clients_;
    std::deque<int> unfinished_;
};

}  // namespace

int main() {
    const auto echo = std::make_unique<Echo>(listen_somewhere());
    echo->run();
}
