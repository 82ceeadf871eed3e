// How a connection ended: FIN both ways in three segments or four, RST, or not at all within the trace.
#include <algorithm>

#include "net/base/text.hpp"
#include "ui/model/findings_facts.hpp"

namespace synscope::model {

namespace {

using track::Segment;
using track::StreamCall;
using wire::TcpFlags;

// RFC 9293 section 3.8.6.3 lets an ACK wait up to 500 ms; Linux waits 40 ms or more. A shorter wait was none.
constexpr Duration kDelayedAck = Duration::milliseconds(20);

std::int64_t end_of_fin(const Segment& fin) {
    return fin.seq + static_cast<std::int64_t>(fin.length) + 1;
}

struct Teardown {
    const Segment* first = nullptr;   ///< the first FIN
    const Segment* ack = nullptr;     ///< what first acknowledged it
    const Segment* second = nullptr;  ///< the other side's FIN
    const Segment* last = nullptr;    ///< what acknowledged that
};

const Segment* first_ack_of(const track::Connection& c, const Segment& fin) {
    for (const Segment& s : c.segments)
        if (&s > &fin && s.direction != fin.direction && s.ack && *s.ack >= end_of_fin(fin) &&
            !s.flags.any(TcpFlags::kRst))
            return &s;
    return nullptr;
}

Teardown teardown_of(const track::Connection& c) {
    Teardown t;
    for (const Segment& s : c.segments) {
        if (!s.flags.has(TcpFlags::kFin)) continue;
        if (t.first == nullptr)
            t.first = &s;
        else if (t.second == nullptr && s.direction != t.first->direction)
            t.second = &s;
    }
    if (t.first != nullptr) t.ack = first_ack_of(c, *t.first);
    if (t.second != nullptr) t.last = first_ack_of(c, *t.second);
    return t;
}

/// The moment a program learnt that its peer is done: a read that returned end-of-file.
const StreamCall* end_of_file(const track::Connection& c, Side side, Instant after) {
    for (const StreamCall& call : c.calls)
        if (call.side == side && !call.writes && call.bytes.empty() && call.returned_at >= after)
            return &call;
    return nullptr;
}

const ClosingCall* closing_call(const Facts& facts, Side side, Instant not_before, Instant not_after) {
    for (const ClosingCall& call : facts.closing)
        if (call.side == side && call.at >= not_before && call.at <= not_after) return &call;
    return nullptr;
}

std::string how_closed(const ClosingCall* call) {
    if (call == nullptr) return {};
    return concat(" (", syscall_name(call->call), "())");
}

std::string four(const Facts& facts, const Teardown& t) {
    const Side answering = sender_of(t.second->direction);
    const Duration ack_after = t.ack->at - t.first->at;
    const std::string alone =
        ack_after >= kDelayedAck
            ? concat("the kernel's delayed ACK went alone, ", duration_text(ack_after), " after the FIN")
            : concat("the ACK went alone, ", duration_text(ack_after), " after the FIN");
    const StreamCall* eof = end_of_file(facts.connection, answering, t.first->at);
    const ClosingCall* close =
        eof == nullptr ? nullptr : closing_call(facts, answering, eof->returned_at, t.second->at);
    if (close != nullptr)
        return concat("the ", name_of(answering), " closed ", duration_text(close->at - eof->returned_at),
                      " after it read end-of-file, so ", alone, ": four segments (FIN, ACK, FIN, ACK).");
    return concat("the ", name_of(answering), "'s own FIN came ", duration_text(t.second->at - t.first->at),
                  " after the first, and ", alone, ": four segments (FIN, ACK, FIN, ACK). When the ",
                  name_of(answering), " read end-of-file is not in this trace.");
}

std::string three(const Facts& facts, const Teardown& t) {
    const Side answering = sender_of(t.second->direction);
    const StreamCall* eof = end_of_file(facts.connection, answering, t.first->at);
    const ClosingCall* close =
        eof == nullptr ? nullptr : closing_call(facts, answering, eof->returned_at, t.second->at);
    const std::string what = "ACK and FIN travelled together: three segments (FIN, FIN with ACK, ACK)";
    if (close != nullptr)
        return concat(what, ", because the ", name_of(answering), " closed ",
                      duration_text(close->at - eof->returned_at),
                      " after it read end-of-file, before its kernel had sent the ACK on its own.");
    return concat(what, ", ", duration_text(t.second->at - t.first->at), " after the first FIN. When the ",
                  name_of(answering), " closed is not in this trace, so why is unknown.");
}

std::string teardown_sentence(const Facts& facts, const Teardown& t) {
    const Side first = sender_of(t.first->direction);
    const ClosingCall* call = closing_call(facts, first, facts.connection.first_at, t.first->at);
    const std::string opening = concat("The ", name_of(first), " finished first", how_closed(call));
    if (t.second == nullptr)
        return concat(opening,
                      t.ack == nullptr ? "; no answer to its FIN"
                                       : "; the other side acknowledged its FIN, but no FIN of its own",
                      " is in this trace: how it ended is unknown.");
    if (t.ack == nullptr)
        return concat(opening, "; the ", name_of(other(first)),
                      " sent a FIN too, but nothing in this trace acknowledges the first.");
    const bool crossed = t.second->ack && *t.second->ack < end_of_fin(*t.first) && t.ack > t.second;
    if (crossed)
        return concat("Both sides finished at the same time: the FINs crossed on the wire, ",
                      duration_text(t.second->at - t.first->at),
                      " apart, and each was acknowledged separately.");
    std::string text = concat(opening, "; ", t.ack == t.second ? three(facts, t) : four(facts, t));
    if (t.last == nullptr) text += " The last ACK is not in this trace.";
    return text;
}

/// Bytes that had reached `side` in order of the stream and that no call of its had read when it gave up.
std::uint64_t unread(const Facts& facts, Side side, Instant at) {
    std::uint64_t arrived = 0;
    std::uint64_t taken = 0;
    for (const Segment& s : facts.connection.segments)
        if (sender_of(s.direction) != side && s.at <= at && s.length > 0)
            arrived = std::max(arrived, s.bytes().end);
    for (const StreamCall& call : facts.connection.calls)
        if (call.side == side && !call.writes && call.returned_at <= at)
            taken = std::max(taken, call.bytes.end);
    return arrived > taken ? arrived - taken : 0;
}

Finding reset_finding(const Facts& facts, const Segment& reset) {
    const Side side = sender_of(reset.direction);
    Finding finding;
    finding.topic = Topic::Reset;
    finding.connection = facts.connection.id;
    finding.rule = "RFC 9293 section 3.10.7";
    finding.events = {reset.event};
    finding.sentence = concat("The ", name_of(side), " broke the connection off with RST, ",
                              duration_text(reset.at - facts.connection.first_at), " after it began");
    const ClosingCall* close = closing_call(facts, side, facts.connection.first_at, reset.at);
    const std::uint64_t left = facts.has_calls(side) ? unread(facts, side, reset.at) : 0;
    if (close != nullptr && close->call == Syscall::Close && left > 0) {
        finding.events.insert(finding.events.begin(), close->event);
        finding.sentence += concat(": it called close() with ", bytes_count(left),
                                   " not yet read (RFC 1122 section 4.2.2.13).");
    } else if (close != nullptr && close->call == Syscall::Close) {
        finding.events.insert(finding.events.begin(), close->event);
        finding.sentence += concat(", ", duration_text(reset.at - close->at), " after it called close().");
    } else {
        finding.sentence +=
            facts.has_calls(side) ? "; no close() of its own went before." : "; why is not in this trace.";
    }
    return finding;
}

}  // namespace

void find_teardown(const Facts& facts, std::vector<Finding>& out) {
    const track::Connection& c = facts.connection;
    if (c.segments.empty()) return;
    const Teardown t = teardown_of(c);
    if (t.first != nullptr) {
        Finding finding;
        finding.topic = Topic::Teardown;
        finding.connection = c.id;
        finding.rule = "RFC 9293 section 3.6";
        finding.sentence = teardown_sentence(facts, t);
        for (const Segment* s : {t.first, t.ack, t.second, t.last})
            if (s != nullptr && (finding.events.empty() || finding.events.back() != s->event))
                finding.events.push_back(s->event);
        out.push_back(std::move(finding));
    }
    bool answered = false;
    for (const Segment& s : c.segments) {
        answered = answered || (s.flags.has(TcpFlags::kSyn) && s.direction == Direction::ServerToClient);
        if (!s.flags.has(TcpFlags::kRst)) continue;
        if (answered || !c.saw_syn)
            out.push_back(reset_finding(facts, s));  // else the handshake said "refused"
        return;
    }
    if (t.first != nullptr) return;
    Finding open;
    open.topic = Topic::Teardown;
    open.connection = c.id;
    open.events = {c.segments.back().event};
    open.sentence = "No FIN and no RST is in this trace: the connection was still open when it ended.";
    if (answered || !c.saw_syn) out.push_back(std::move(open));
}

}  // namespace synscope::model
