#pragma once
// An engine without anything above it: connections that only record what the engine does with them, and say
// what a test wants them to say. Thread rule: everything is guarded by one lock; the engine runs on its own
// thread.

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "net/engine/engine.hpp"
#include "net/engine/sockaddr.hpp"

namespace synscope::engine::test {

/// What one connection saw, in order: "open", "before", "bytes 3", "eof", "sent 5", "half", "close", "gone".
struct Log {
    std::vector<std::string> lines;
    std::string received;
    [[nodiscard]] std::size_t count(std::string_view word) const {
        std::size_t n = 0;
        for (const std::string& line : lines)
            n += line.rfind(word, 0) == 0 ? 1u : 0u;
        return n;
    }
};

class FakeHost final : public ConnectionHost {
  public:
    /// What a connection does when bytes come.
    struct Manner {
        bool echo = true;
        std::size_t most_held = SIZE_MAX;  ///< holding more, it takes no input
        std::string half_close_at;         ///< having received this, it says end-of-file, and reads on
        std::string close_at;              ///< having received this, it closes
    };
    explicit FakeHost(Manner manner)
        : manner_(std::move(manner)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

    std::unique_ptr<Connection> open(Socket& socket) override {
        const std::lock_guard lock{mutex_};
        const std::size_t index = logs_.size();
        logs_.emplace_back();
        open_[socket.id] = index;
        sockets_.push_back(socket.id);
        say(index, "open");
        return std::make_unique<Talk>(*this, socket.id, index);
    }
    int wake_fd() const override { return wake_.get(); }
    std::vector<SocketId> take_woken() override {
        const std::lock_guard lock{mutex_};
        std::uint64_t count = 0;
        [[maybe_unused]] const auto n = ::read(wake_.get(), &count, sizeof count);
        return std::exchange(woken_, {});
    }
    void note(Severity, std::string_view text) override {
        const std::lock_guard lock{mutex_};
        notes_.emplace_back(text);
        changed_.notify_all();
    }

    // ---- for the test
    /// Leaves output for the connection that was opened as number `index`, and wakes the engine.
    void post(std::size_t index, const std::string& text) {
        const std::lock_guard lock{mutex_};
        posted_[index] += text;
        const auto own = own_wakes_.find(index);
        if (own == own_wakes_.end()) woken_.push_back(sockets_.at(index));
        const std::uint64_t one = 1;
        ASSERT_EQ(::write(own == own_wakes_.end() ? wake_.get() : own->second.get(), &one, sizeof one),
                  static_cast<ssize_t>(sizeof one));
    }
    /// Waits until `done(logs, notes)`; 20 s without it are a failure, not a hang.
    template <class Done>
    [[nodiscard]] bool wait_until(Done done) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return done(logs_, notes_); });
    }
    [[nodiscard]] Log log(std::size_t index) {
        const std::lock_guard lock{mutex_};
        return logs_.at(index);
    }

  private:
    class Talk final : public Connection {
      public:
        Talk(FakeHost& host, SocketId id, std::size_t index) : host_(host), id_(id), index_(index) {
            busy_before_read_ = true;
        }
        ~Talk() override {
            const std::lock_guard lock{host_.mutex_};
            host_.open_.erase(id_);
            host_.say(index_, "gone");
        }
        void be_busy_before_read() override { say("before"); }
        void on_bytes(ByteSpan bytes) override {
            const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
            const std::lock_guard lock{host_.mutex_};
            std::string& all = host_.logs_[index_].received;
            all += text;
            if (host_.manner_.echo && !half_closed_) unsent_ += text;
            if (!host_.manner_.half_close_at.empty() && all == host_.manner_.half_close_at)
                half_close_ = true;
            if (!host_.manner_.close_at.empty() && all == host_.manner_.close_at) closing_ = true;
            renew_demand();
            host_.say(index_, "bytes " + std::to_string(bytes.size()));
        }
        void on_eof() override { say("eof"); }
        void sent(std::size_t bytes) override {
            unsent_.erase(0, bytes);
            renew_demand();
            say("sent " + std::to_string(bytes));
        }
        void half_closed() override {
            half_close_ = false;
            half_closed_ = true;
            renew_demand();
            say("half");
        }
        void before_close() override { say("close"); }
        void collect() override {
            const std::lock_guard lock{host_.mutex_};
            unsent_ += std::exchange(host_.posted_[index_], {});
            renew_demand();
            if (const auto own = host_.own_wakes_.find(index_); own != host_.own_wakes_.end()) {
                std::uint64_t count = 0;
                [[maybe_unused]] const auto n = ::read(own->second.get(), &count, sizeof count);
            }
            host_.say(index_, "collect");
        }
        std::optional<int> own_wake_fd() override {
            const std::lock_guard lock{host_.mutex_};
            UniqueFd wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
            if (!wake) return std::nullopt;
            const std::uint64_t left = host_.posted_.count(index_);
            if (left != 0) {
                [[maybe_unused]] const auto n = ::write(wake.get(), &left, sizeof left);
            }
            return host_.own_wakes_.emplace(index_, std::move(wake)).first->second.get();
        }

      private:
        void renew_demand() {
            output_ = as_bytes(unsent_);
            demand_.write = !unsent_.empty();
            demand_.read = unsent_.size() <= host_.manner_.most_held && !closing_;
            demand_.half_close = half_close_ && unsent_.empty();
            demand_.close = closing_ && unsent_.empty();
        }
        static ByteSpan as_bytes(const std::string& text) {
            return std::as_bytes(std::span{text.data(), text.size()});
        }
        void say(std::string line) const {
            const std::lock_guard lock{host_.mutex_};
            host_.say(index_, std::move(line));
        }
        FakeHost& host_;
        SocketId id_;
        std::size_t index_;
        std::string unsent_;
        bool half_close_ = false;
        bool half_closed_ = false;
        bool closing_ = false;
    };

    void say(std::size_t index, std::string line) {
        logs_[index].lines.push_back(std::move(line));
        changed_.notify_all();
    }

    const Manner manner_;
    UniqueFd wake_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Log> logs_;
    std::vector<SocketId> sockets_;
    std::map<SocketId, std::size_t> open_;
    std::map<std::size_t, std::string> posted_;
    std::map<std::size_t, UniqueFd> own_wakes_;
    std::vector<SocketId> woken_;
    std::vector<std::string> notes_;
};

/// An engine on a thread of its own, listening on a port that the kernel chose.
class Running {
  public:
    explicit Running(const EngineInfo& info, FakeHost::Manner manner = {}, std::size_t read_size = 65536)
        : host(std::move(manner)), calls(nullptr, ObserveLevel::Off), stop(*StopSignal::create()) {
        ListenOptions options;
        options.address = *Endpoint::parse("127.0.0.1:0");
        auto made = listen_on(calls, options);
        EXPECT_TRUE(made);
        listener = std::move(*made);
        address = listener.local;
        done_ = std::async(std::launch::async, [this, &info, read_size] {
            return info.make()->run({listener, host, *stop, calls, read_size});
        });
    }
    ~Running() {
        if (!done_.valid()) return;
        stop->request(calls);
        if (done_.wait_for(std::chrono::seconds{20}) != std::future_status::ready) stop->force(calls);
    }
    /// How it ended; nothing when it has not after 20 s.
    [[nodiscard]] std::optional<Result<void, OsError>> outcome() {
        if (done_.wait_for(std::chrono::seconds{20}) != std::future_status::ready) return std::nullopt;
        return done_.get();
    }

    FakeHost host;
    Calls calls;
    std::unique_ptr<StopSignal> stop;
    Socket listener;
    Endpoint address;

  private:
    std::future<Result<void, OsError>> done_;
};

class Peer {
  public:
    explicit Peer(const Endpoint& to) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const SockAddr address{to};
        EXPECT_EQ(::connect(fd_.get(), address.get(), address.size()), 0);
    }
    void send(std::string_view text) const {
        EXPECT_EQ(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }
    void finish() const { ::shutdown(fd_.get(), SHUT_WR); }
    void reset() {
        const linger now{1, 0};
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
        fd_ = UniqueFd{};
    }
    [[nodiscard]] std::string receive(std::size_t size) const {
        std::string out;
        std::array<char, 65536> piece;
        for (pollfd p{fd_.get(), POLLIN, 0}; out.size() < size && ::poll(&p, 1, 20'000) > 0;) {
            const ssize_t n = ::recv(fd_.get(), piece.data(), std::min(piece.size(), size - out.size()), 0);
            if (n <= 0) break;
            out.append(piece.data(), static_cast<std::size_t>(n));
        }
        return out;
    }
    [[nodiscard]] int fd() const { return fd_.get(); }

  private:
    UniqueFd fd_;
};

}  // namespace synscope::engine::test
