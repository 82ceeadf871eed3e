#include "sim/run/crowd.hpp"

#include <algorithm>
#include <utility>

#include "net/base/text.hpp"

namespace synscope::sim {

Crowd::Crowd(const ScriptSetup& setup, std::uint32_t count)
    : calls_(setup.calls), line_(setup.steps.empty() ? 0 : setup.steps.front().line), buffer_(65536) {
    for (std::uint32_t i = 0; i < count; ++i) {
        auto member = std::make_unique<Member>();
        member->turn.number = i;
        ScriptSetup own = setup;
        own.owner = concat(setup.owner, ' ', i + 1, " of ", count);
        own.buffer = buffer_;
        own.turn = &member->turn;
        member->script = std::make_unique<Script>(std::move(own));
        members_.push_back(std::move(member));
    }
}

Task<Result<void, UserError>> Crowd::run() {
    co_await calls_.epoll_create(epoll_, line_);
    running_ = members_.size();
    for (const auto& member : members_) {
        member->turn.epoll = epoll_;
        member->task = go_through(*member);
        member->task.start();
        co_await give_turn(*member, 0);
    }
    while (running_ > 0)
        co_await give_turns();
    if (failures_ == 0) co_return Result<void, UserError>{};
    if (failures_ > 1) first_failure_.what += concat(" (the first of ", failures_, " that failed)");
    co_return failure(first_failure_);
}

/// Its first wait is for its first turn, its last one without end.
Task<void> Crowd::go_through(Member& member) {
    co_await member.turn.give_away();
    const auto outcome = co_await member.script->run();
    if (!outcome && failures_++ == 0) first_failure_ = outcome.error();
    --running_;
    member.ended = true;
    member.turn.events = 0;
    member.turn.until.reset();
    co_await member.turn.give_away();
}

Task<void> Crowd::give_turn(Member& member, std::uint32_t events) {
    member.turn.events = events;
    member.turn.until.reset();
    co_await member.turn.give();
}

Task<void> Crowd::give_turns() {
    std::vector<Member*> waiting;
    std::vector<const SimSocket*> sockets;
    std::vector<std::uint32_t> masks;
    std::optional<Instant> until;
    for (const auto& member : members_) {
        if (member->turn.until) until = std::min(until.value_or(*member->turn.until), *member->turn.until);
        if (member->turn.events == 0) continue;
        waiting.push_back(member.get());
        sockets.push_back(&member->script->socket());
        masks.push_back(member->turn.events | tcp::readiness::kErr | tcp::readiness::kHup);
    }
    const auto ready = co_await calls_.epoll_wait(epoll_, sockets, masks, line_, until);
    for (const std::size_t i : ready) {
        const std::uint32_t has = calls_.readiness(*sockets[i]) & masks[i];
        calls_.ready(*sockets[i], has, ReadinessVia::Epoll);
        co_await give_turn(*waiting[i], has);
    }
    for (const auto& member : members_)
        if (member->turn.until && *member->turn.until <= calls_.now()) co_await give_turn(*member, 0);
}

}  // namespace synscope::sim
