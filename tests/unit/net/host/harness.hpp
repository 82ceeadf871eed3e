#pragma once
// A server host on a thread of the test, plain clients, and the event stream read back. No sleeps: everything
// waits for what it needs, and a poll() without an answer for 20 s is a failure, not a hang.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <future>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "capture/pcapng/event_pack.hpp"
#include "net/engine/engine.hpp"
#include "net/engine/sockaddr.hpp"
#include "net/host/client_host.hpp"
#include "net/host/server_host.hpp"

namespace synscope::host {

/// An unlinked file as the event stream's end, and what it holds.
class EventFile {
  public:
    EventFile() : fd_(::memfd_create("events", MFD_CLOEXEC)) {}
    [[nodiscard]] int fd() const { return fd_.get(); }

    struct Read final : pcapng::TextInterner {
        std::vector<Event> events;
        std::vector<std::string> texts;
        bool cut = false;  ///< the last block is not whole
        TextId intern(std::string_view text) override {
            texts.emplace_back(text);
            return TextId{static_cast<std::uint32_t>(texts.size() - 1)};
        }
        [[nodiscard]] const std::string& text(TextId id) const { return texts.at(id.value); }
        template <class Body>
        [[nodiscard]] std::vector<Body> all() const {
            std::vector<Body> out;
            for (const Event& e : events)
                if (const auto* body = std::get_if<Body>(&e.body)) out.push_back(*body);
            return out;
        }
        [[nodiscard]] bool entered(TcpState state) const {
            for (const auto& change : all<TcpStateChanged>())
                if (change.to == state) return true;
            return false;
        }
    };
    [[nodiscard]] Read read() const {
        Read out;
        std::vector<std::byte> bytes(static_cast<std::size_t>(::lseek(fd(), 0, SEEK_END)));
        EXPECT_EQ(::pread(fd(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
        bool section = false;
        for (std::size_t at = 0; at < bytes.size();) {
            const std::uint32_t type = load_le32(bytes, at);
            const std::uint32_t length = at + 8 <= bytes.size() ? load_le32(bytes, at + 4) : 0;
            if (length < 12 || at + length > bytes.size()) {
                out.cut = true;  // it is being written
                break;
            }
            EXPECT_EQ(length % 4, 0u);
            EXPECT_EQ(load_le32(bytes, at + length - 4), length);
            if (at == 0) section = type == 0x0A0D0D0A;
            if (type == pcapng::kEventBlockType) {
                pcapng::EventReader block{ByteSpan{bytes}.subspan(at + 8, length - 12), out};
                while (auto event = block.next())
                    out.events.push_back(std::move(*event));
                EXPECT_FALSE(block.fault());
            }
            at += length;
        }
        EXPECT_TRUE(section || bytes.empty());
        return out;
    }
    /// Looks until the stream, which is being written, satisfies `done`; false after 20 s.
    template <class Done>
    [[nodiscard]] bool wait_until(Done done) const {
        for (int look = 0; look < 2000; ++look) {
            if (done(read())) return true;
            ::poll(nullptr, 0, 10);
        }
        return false;
    }

  private:
    engine::UniqueFd fd_;
};

class Server {
  public:
    explicit Server(ServerHostOptions options) {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
        stop_read_ = engine::UniqueFd{ends[0]};
        stop_write_ = engine::UniqueFd{ends[1]};
        options.stop_fd = ends[0];
        std::promise<Endpoint> listening;
        auto where = listening.get_future();
        options.on_listening = [&listening](const Endpoint& e) { listening.set_value(e); };
        done_ = std::async(std::launch::async, [options] { return run_server_host(options); });
        address_ = where.get();
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() { stop(); }
    [[nodiscard]] const Endpoint& address() const { return address_; }
    /// The end of the stop descriptor is the stop.
    void stop() {
        stop_write_ = engine::UniqueFd{};
        if (!done_.valid()) return;
        ASSERT_EQ(done_.wait_for(std::chrono::seconds{20}), std::future_status::ready);
        const auto result = done_.get();
        EXPECT_TRUE(result) << (result ? "" : result.error().what);
    }
    [[nodiscard]] bool stopped_within(std::chrono::seconds time) {
        stop_write_ = engine::UniqueFd{};
        return done_.wait_for(time) == std::future_status::ready;
    }

  private:
    engine::UniqueFd stop_read_;
    engine::UniqueFd stop_write_;
    Endpoint address_;
    std::future<Result<void, UserError>> done_;
};

/// A plain blocking socket.
class Peer {
  public:
    explicit Peer(const Endpoint& to, int receive_buffer = 0)
        : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        if (receive_buffer > 0)
            ::setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        const engine::SockAddr address{to};
        EXPECT_EQ(::connect(fd(), address.get(), address.size()), 0);
    }
    [[nodiscard]] int fd() const { return fd_.get(); }
    void send(std::string_view text) {
        while (!text.empty()) {
            const ssize_t n = ::send(fd(), text.data(), text.size(), MSG_NOSIGNAL);
            ASSERT_GT(n, 0);
            text.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    void finish() { ::shutdown(fd(), SHUT_WR); }
    /// Readable within the time: data, end-of-file or an error.
    [[nodiscard]] bool readable(int timeout_ms) {
        pollfd p{fd(), POLLIN, 0};
        return ::poll(&p, 1, timeout_ms) > 0;
    }
    [[nodiscard]] std::string receive(std::size_t size) {
        std::string out;
        std::array<char, 65536> piece;
        while (out.size() < size && readable(20'000)) {
            const ssize_t n = ::recv(fd(), piece.data(), std::min(piece.size(), size - out.size()), 0);
            if (n <= 0) break;
            out.append(piece.data(), static_cast<std::size_t>(n));
        }
        return out;
    }
    [[nodiscard]] std::string receive_all() { return receive(SIZE_MAX); }
    void reset() {
        const linger now{1, 0};
        ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
        fd_ = engine::UniqueFd{};
    }

  private:
    engine::UniqueFd fd_;
};

/// ThreadSanitizer gives up on what a process with threads forks: signal handlers do not run there.
inline std::optional<std::string> why_not_here([[maybe_unused]] const engine::EngineInfo& engine) {
#if defined(__SANITIZE_THREAD__)
    if (!engine.properties.shared_state) return "ThreadSanitizer runs no signal handler in a forked process";
#endif
    return std::nullopt;
}

inline ServerHostOptions options_for(std::string_view engine) {
    ServerHostOptions options;
    options.server.engine = std::string{engine};
    return options;
}

}  // namespace synscope::host
