#include "net/host/crowd.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <set>
#include <utility>

#include "net/base/text.hpp"
#include "net/engine/descriptors.hpp"
#include "net/host/errors.hpp"
#include "net/host/script.hpp"

namespace synscope::host {

namespace {

/// Beside the sockets: standard ones, the event stream, epoll, what the kernel is asked through.
constexpr std::uint64_t kOtherDescriptors = 32;
constexpr std::size_t kBuffer = 65536;

Result<void, UserError> make_room(const scenario::Client& client) {
    const std::uint64_t needed = std::uint64_t{client.count} + kOtherDescriptors;
    if (const auto most = engine::at_most_descriptors(needed))
        return failure(UserError{concat("client '", client.name, "': ", client.count, " at once need ",
                                        needed, " descriptors, and this process may have ", *most),
                                 {},
                                 "raise the limit (ulimit -Hn), or lower the count"});
    return {};
}

class Crowd {
  public:
    Crowd(engine::Calls& calls, const scenario::Client& client, const framing::FramingInfo& framing,
          const Endpoint& server)
        : calls_(calls), client_(client), framing_(framing), server_(server), buffer_(kBuffer) {}

    Result<void, UserError> run() {
        const auto failed = [this](const engine::CallResult& r, std::string_view what) {
            return failure(
                UserError{concat("client '", client_.name, "': ", what, ": ", errno_words(r.error)), {}, {}});
        };
        if (const auto r = calls_.epoll_create(epoll_); !r.ok()) return failed(r, "epoll_create1");
        for (std::uint32_t i = 0; i < client_.count; ++i)
            start(i);
        std::array<epoll_event, 64> events;
        while (running_ > 0) {
            const auto r =
                calls_.epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout_ms());
            if (!r.ok() && r.error != EINTR) return failed(r, "epoll_wait");
            for (std::int64_t i = 0; i < r.value; ++i)
                reported(events[static_cast<std::size_t>(i)]);
            wake_due();
        }
        return outcome();
    }

  private:
    struct Member {
        Turn turn;
        ScriptRunner script;
        Task<void> task;
        Member(const Turn& place, ScriptSetup setup) : turn(place), script(with(std::move(setup))) {}

      private:
        ScriptSetup with(ScriptSetup setup) {
            setup.turn = &turn;
            return setup;
        }
    };

    void start(std::uint32_t i) {
        const std::string owner = concat("client '", client_.name, "' ", i + 1, " of ", client_.count);
        Member& member = members_.emplace_back(
            Turn{epoll_.get(), i}, ScriptSetup{calls_, client_, framing_, server_, buffer_, owner, nullptr});
        ++running_;
        member.task = member.script.run();
        member.task.start();
        gave_turn_away(member);
    }

    /// It waits now, or has ended.
    void gave_turn_away(Member& member) {
        if (!member.task.done()) {
            if (member.turn.until) due_.emplace(*member.turn.until, member.turn.number);
            return;
        }
        --running_;
        if (member.script.outcome()) return;
        if (failures_++ == 0) first_failure_ = member.script.outcome().error();
    }

    /// `events`: what it waited for and has now; 0: its time is over.
    void give_turn(Member& member, std::uint32_t events) {
        Turn& turn = member.turn;
        if (turn.until) due_.erase({*turn.until, turn.number});
        turn.until.reset();
        turn.events = events;
        std::exchange(turn.script, {}).resume();
        gave_turn_away(member);
    }

    void reported(const epoll_event& event) {
        Member& member = members_[event.data.u64];
        // Who waits for time, or for something else, finds out with its next call.
        const std::uint32_t wanted = member.turn.events | EPOLLERR | EPOLLHUP;
        if (!member.turn.script || member.turn.events == 0 || (event.events & wanted) == 0) return;
        calls_.ready(member.script.socket(), event.events, ReadinessVia::Epoll);
        give_turn(member, event.events);
    }

    void wake_due() {
        while (!due_.empty() && due_.begin()->first <= engine::monotonic_ns())
            give_turn(members_[due_.begin()->second], 0);
    }

    /// Rounded up: epoll_wait() counts in milliseconds, and would be asked over and over in the last one.
    [[nodiscard]] int timeout_ms() const {
        if (due_.empty()) return -1;
        const std::int64_t left_ns = due_.begin()->first - engine::monotonic_ns();
        return left_ns > 0
                   ? static_cast<int>(std::min<std::int64_t>((left_ns + 999'999) / 1'000'000, INT32_MAX))
                   : 0;
    }

    [[nodiscard]] Result<void, UserError> outcome() const {
        if (failures_ == 0) return {};
        UserError error = first_failure_;
        if (failures_ > 1) error.what += concat(" (the first of ", failures_, " that failed)");
        return failure(std::move(error));
    }

    engine::Calls& calls_;
    const scenario::Client& client_;
    const framing::FramingInfo& framing_;
    const Endpoint server_;
    std::vector<std::byte> buffer_;
    engine::UniqueFd epoll_;
    std::deque<Member> members_;                            ///< they stay where they are
    std::set<std::pair<std::int64_t, std::uint64_t>> due_;  ///< when a wait ends in any case, and whose
    std::size_t running_ = 0;
    std::size_t failures_ = 0;
    UserError first_failure_;
};

}  // namespace

Result<void, UserError> run_crowd(engine::Calls& calls, const scenario::Client& client,
                                  const framing::FramingInfo& framing, const Endpoint& server) {
    if (const auto room = make_room(client); !room) return room;
    return Crowd{calls, client, framing, server}.run();
}

}  // namespace synscope::host
