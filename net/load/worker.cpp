#include "net/load/worker.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

namespace synscope::load {

namespace {

constexpr std::uint32_t kOver = UINT32_MAX;
/// Handshakes at once: fewer than a usual backlog, or SYNs would be dropped and come again a second later.
constexpr std::uint32_t kMostOpening = 64;
constexpr std::int64_t kRetryAfter_ns = 10'000'000;
constexpr std::size_t kReadSize = 65536;

engine::SockAddr address_of(const LoadOptions& options) {
    if (options.unix_path.empty()) return engine::SockAddr{options.target};
    // A path that does not fit is an address of no family, and connecting to it says so.
    return engine::SockAddr::of_path(options.unix_path).value_or(engine::SockAddr{});
}

}  // namespace

Worker::Worker(Shared& shared, std::uint32_t first, std::uint32_t step)
    : shared_(shared),
      options_(shared.options),
      target_(address_of(options_)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      clients_((options_.connections - first + step - 1) / step),
      buffer_(kReadSize) {
    if (options_.rate) {
        interval_ns_ =
            std::max<std::int64_t>(1, static_cast<std::int64_t>(options_.connections * 1e9 / *options_.rate));
        // The messages of all connections come evenly, not all connections at once.
        for (std::uint32_t i = 0; i < clients_.size(); ++i)
            clients_[i].due_ns =
                shared.begin_ns + interval_ns_ * (first + std::int64_t{i} * step) / options_.connections;
    }
}

void Worker::run() {
    epoll_event over{};
    over.events = EPOLLIN;
    over.data.u32 = kOver;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, shared_.over.get(), &over);
    now_ns_ = engine::monotonic_ns();
    open_more();
    while (now_ns_ < shared_.until_ns && wait())
        do_what_is_due();
    end();
}

/// False when the run is over before its time.
bool Worker::wait() {
    std::int64_t until = shared_.until_ns;
    if (!deadlines_.empty()) until = std::min(until, deadlines_.top().at_ns);
    const std::int64_t patience = std::max<std::int64_t>(0, until - now_ns_);
    const timespec timeout{patience / 1'000'000'000, patience % 1'000'000'000};
    std::array<epoll_event, 256> events;
    const int n =
        ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    now_ns_ = engine::monotonic_ns();
    for (int i = 0; i < n; ++i) {
        const std::uint32_t index = events[static_cast<std::size_t>(i)].data.u32;
        if (index == kOver) return false;
        event(index);
    }
    return true;
}

void Worker::do_what_is_due() {
    while (!deadlines_.empty() && deadlines_.top().at_ns <= now_ns_) {
        const std::uint32_t index = deadlines_.top().client;
        deadlines_.pop();
        Client& client = clients_[index];
        if (client.established)
            begin_message(client, index);
        else
            open(index);
    }
}

void Worker::open_more() {
    while (unopened_ < clients_.size() && opening_ < kMostOpening)
        open(unopened_++);
}

void Worker::open(std::uint32_t index) {
    Client& client = clients_[index];
    client.established = false;
    client.since_ns = now_ns_;
    ++opening_;
    const Turn turn = client.connection.open(target_);
    if (turn.trouble) return failed(client, index, turn);
    // Messages: told once of every change. A stream has something to do whenever it can do it.
    epoll_event interest{};
    interest.events = EPOLLIN | EPOLLOUT;
    if (options_.mode != Mode::Bulk) interest.events |= EPOLLET;
    interest.data.u32 = index;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, client.connection.fd(), &interest);
}

void Worker::event(std::uint32_t index) {
    Client& client = clients_[index];
    if (client.connection.fd() < 0) return;  // closed earlier in this batch
    const Turn turn = options_.mode == Mode::Bulk ? client.connection.stream(options_.message, buffer_)
                                                  : client.connection.converse(options_.message, buffer_);
    count(turn);
    if (turn.connected) established(client, index);
    if (turn.answered) answered(client, index);
    if (turn.trouble) failed(client, index, turn);
}

void Worker::established(Client& client, std::uint32_t index) {
    client.established = true;
    --opening_;
    ++report_.connects;
    shared_.connects.fetch_add(1, std::memory_order_relaxed);
    open_more();
    if (options_.mode == Mode::Bulk) return;
    if (interval_ns_ > 0 && client.due_ns > now_ns_)
        deadlines_.push({client.due_ns, index});
    else
        begin_message(client, index);
}

void Worker::begin_message(Client& client, std::uint32_t index) {
    if (interval_ns_ > 0) {
        client.since_ns = client.due_ns;
        client.due_ns += interval_ns_;
    } else if (options_.mode == Mode::PingPong) {
        client.since_ns = now_ns_;  // in churn it counts from connect()
    }
    const Turn turn = client.connection.begin(options_.message);
    count(turn);
    if (turn.trouble) failed(client, index, turn);
}

void Worker::answered(Client& client, std::uint32_t index) {
    now_ns_ = engine::monotonic_ns();
    if (measuring()) {
        ++report_.answers;
        report_.latency.add(now_ns_ - client.since_ns);
    }
    if (options_.mode == Mode::Churn) {
        client.connection.close();
        open(index);
    } else if (interval_ns_ > 0 && client.due_ns > now_ns_) {
        deadlines_.push({client.due_ns, index});
    } else {
        begin_message(client, index);
    }
}

void Worker::failed(Client& client, std::uint32_t index, const Turn& turn) {
    if (!client.established) --opening_;
    client.established = false;
    client.connection.close();
    ++report_.troubles[static_cast<std::size_t>(*turn.trouble)];
    report_.last_error = turn.error;
    if (*turn.trouble == Trouble::NotConnected && shared_.connects.load(std::memory_order_relaxed) == 0) {
        shared_.hopeless.store(turn.error, std::memory_order_relaxed);
        engine::make_readable(shared_.over);
    }
    deadlines_.push({now_ns_ + kRetryAfter_ns, index});
}

void Worker::count(const Turn& turn) {
    if (!measuring()) return;
    report_.bytes_sent += turn.sent;
    report_.bytes_received += turn.received;
}

void Worker::end() {
    now_ns_ = engine::monotonic_ns();
    for (const Client& client : clients_) {
        if (!client.connection.waits_for_answer() || !client.established) continue;
        ++report_.unanswered;
        report_.oldest_wait = std::max(report_.oldest_wait, Duration{now_ns_ - client.since_ns});
    }
}

}  // namespace synscope::load
