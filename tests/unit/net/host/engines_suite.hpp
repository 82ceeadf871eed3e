#pragma once
// What the tests over all engines share. Their sizes are small by default, for every commit, under
// sanitizers; scripts/soak runs them at full size:
//   SYNSCOPE_ENGINE_BYTES    through one connection and back (4 MB)
//   SYNSCOPE_ENGINE_CLIENTS  at once (100)

#include <sys/ioctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "tests/unit/net/host/harness.hpp"

namespace synscope::host {

inline std::size_t size_from_environment(const char* name, std::size_t otherwise) {
    const char* text = std::getenv(name);
    if (text == nullptr) return otherwise;
    const std::string_view digits{text};
    std::size_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    EXPECT_TRUE(read.ec == std::errc{} && value > 0) << name << "=" << digits;
    return value;
}

/// Those that serve connections; datagrams have tests of their own.
inline std::vector<engine::EngineInfo> stream_engines() {
    std::vector<engine::EngineInfo> out;
    for (const engine::EngineInfo& info : engine::engines())
        if (!info.properties.datagrams) out.push_back(info);
    return out;
}
inline std::string test_word(std::string_view name) {
    std::string word{name};
    std::replace(word.begin(), word.end(), '-', '_');
    return word;
}
inline std::string engine_test_name(const testing::TestParamInfo<engine::EngineInfo>& info) {
    return test_word(info.param.name);
}

class EngineTest : public testing::TestWithParam<engine::EngineInfo> {
  protected:
    void SetUp() override {
        if (const auto reason = GetParam().unavailable()) GTEST_SKIP() << *reason;
        if (const auto reason = why_not_here(GetParam())) GTEST_SKIP() << *reason;
    }
    [[nodiscard]] static ServerHostOptions options() { return options_for(GetParam().name); }
    [[nodiscard]] static engine::Properties declared() { return GetParam().properties; }
};

/// Bytes without small letters, so that they come back as they are from `upper`; a stream's byte n is n
/// modulo its size.
inline std::string stream_pattern() {
    std::mt19937 random{7};
    std::string out(65521, '\0');  // a prime: no buffer's size divides it
    for (char& c : out)
        c = static_cast<char>('!' + random() % 60);
    return out;
}

/// Sends and receives at the same time: a server that sleeps in send() reads no more.
class Echoing {
  public:
    Echoing(Peer& peer, std::size_t size) : peer_(peer), size_(size) {}
    /// True when every byte came back, in order.
    [[nodiscard]] bool run() {
        while (received_ < size_) {
            const short events = static_cast<short>(POLLIN | (sent_ < size_ ? POLLOUT : 0));
            pollfd p{peer_.fd(), events, 0};
            if (::poll(&p, 1, 20'000) <= 0) return false;
            if ((p.revents & POLLOUT) != 0) send();
            if ((p.revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !receive()) return false;
        }
        return true;
    }

  private:
    void send() {
        const std::size_t at = sent_ % pattern_.size();
        const std::size_t length = std::min(pattern_.size() - at, size_ - sent_);
        const ssize_t n = ::send(peer_.fd(), pattern_.data() + at, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0) sent_ += static_cast<std::size_t>(n);
    }
    bool receive() {
        const ssize_t n = ::recv(peer_.fd(), piece_.data(), piece_.size(), MSG_DONTWAIT);
        if (n <= 0) return n < 0 && errno == EAGAIN;
        std::string_view got{piece_.data(), static_cast<std::size_t>(n)};
        while (!got.empty()) {
            const std::size_t at = received_ % pattern_.size();
            const std::size_t length = std::min(got.size(), pattern_.size() - at);
            if (got.substr(0, length) != std::string_view{pattern_}.substr(at, length)) return false;
            got.remove_prefix(length);
            received_ += length;
        }
        return true;
    }
    Peer& peer_;
    const std::size_t size_;
    const std::string pattern_ = stream_pattern();
    std::vector<char> piece_ = std::vector<char>(256 * 1024);
    std::size_t sent_ = 0;
    std::size_t received_ = 0;
};

/// Sends to `peer` whatever fits until nothing moves for `quiet_ms`; how much that was.
inline std::size_t send_until_stuck(Peer& peer, int quiet_ms, std::size_t most = SIZE_MAX) {
    const std::string piece(65536, 'p');
    std::size_t sent = 0;
    for (pollfd p{peer.fd(), POLLOUT, 0}; sent<most&& ::poll(&p, 1, quiet_ms)> 0;) {
        const ssize_t n = ::send(peer.fd(), piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0) sent += static_cast<std::size_t>(n);
    }
    return sent;
}

/// Room for `count` more descriptors, if this process may have them.
inline bool may_open(std::size_t count) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < count && limit.rlim_max >= count) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    return limit.rlim_cur >= count;
}

inline std::vector<pid_t> threads_of_this_process() {
    std::vector<pid_t> out;
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/task", gone})
        out.push_back(std::stoi(entry.path().filename().string()));
    return out;
}
inline std::vector<pid_t> children_of_this_process() {
    std::vector<pid_t> out;
    for (const pid_t thread : threads_of_this_process()) {
        std::ifstream file{"/proc/self/task/" + std::to_string(thread) + "/children"};
        for (pid_t child = 0; file >> child;)
            out.push_back(child);
    }
    return out;
}

/// A folder that goes with its owner.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "synscope-test-XXXXXX").string();
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        path_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

}  // namespace synscope::host
