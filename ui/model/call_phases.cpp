#include "ui/model/call_phases.hpp"

#include "net/base/text.hpp"
#include "ui/model/explain.hpp"

namespace synscope::model {

namespace {

/// Calls that took less need no words when nothing is known about them.
constexpr Duration kWorthSaying = Duration::microseconds(200);

std::string_view via_name(ReadinessVia via) {
    switch (via) {
        case ReadinessVia::Poll:
            return "poll";
        case ReadinessVia::Select:
            return "select";
        case ReadinessVia::Epoll:
            return "epoll";
        case ReadinessVia::Cqe:
            return "a completion of io_uring";
        case ReadinessVia::Signal:
            return "a signal";
    }
    return "";
}

std::string packet_name(const track::Connection& c, const track::CallPhases& p) {
    return p.segment ? concat("packet ", c.segments[*p.segment].packet.value + 1)
                     : std::string("the packets");
}

std::string_view wanted(Syscall call) {
    if (call == Syscall::Accept) return "the handshake";
    return writes_stream(call) ? "room" : "data";
}

std::string error_text(const track::CallPhases& p) {
    return p.error ? concat(", \u00b1", duration_text(*p.error)) : std::string(", error not known");
}

std::string how(const track::Connection& c, const track::CallPhases& p) {
    if (p.known == track::Border::Exact) return concat("measured by ", packet_name(c, p));
    return concat("estimated from ", packet_name(c, p), error_text(p));
}

std::string work(const track::CallPhases& p) {
    const std::string took = duration_text(p.copying());
    if (p.call == Syscall::Accept) return concat("took the connection in ", took);
    if (p.bytes.empty()) return concat("returned ", took, " later");
    return concat("copied ", count_text(p.bytes.size(), "byte", "bytes"), " in ", took);
}

/// A call that slept has to be woken first: a busy machine takes longer for that than for the bytes.
std::string after_sleep(const track::CallPhases& p) {
    const std::string what = p.call == Syscall::Accept ? " and taking the connection"
                             : p.bytes.empty()
                                 ? ""
                                 : concat(" and copying ", count_text(p.bytes.size(), "byte", "bytes"));
    return concat("waking up", what, " took ", duration_text(p.copying()));
}

/// Where the clocks are known less well than a phase is long, its length is only a number.
std::string doubt(const track::CallPhases& p) {
    const bool waiting = p.drowned(p.waiting());
    if (!waiting && !p.drowned(p.copying())) return {};
    return concat(" The clocks may differ by more than that: how long it ",
                  waiting ? "waited" : "worked after the wait", " cannot be told from here.");
}

std::string did_not_wait(const track::Connection& c, const track::CallPhases& p) {
    if (p.reported) {
        std::string text =
            concat(" ", via_name(p.reported->via), " had said that it need not wait: it ", work(p), ".");
        text[1] = static_cast<char>(text[1] >= 'a' && text[1] <= 'z' ? text[1] - 'a' + 'A' : text[1]);
        if (p.reported->wait)
            text += concat(" The wait was in ", syscall_name(p.reported->wait->call), "(): ",
                           duration_text(p.reported->wait->returned_at - p.reported->wait->entered_at), ".");
        return text;
    }
    if (!p.segment) return {};  // an ordinary write: as everybody expects
    return concat(" What it wanted was there already (", how(c, p), "): it did not wait, it ", work(p), ".");
}

}  // namespace

std::optional<track::CallPhases> span_phases(const track::Tracker& tracker, const Span& span) {
    if (span.kind != SpanKind::Call || !span.finished || !span.connection) return std::nullopt;
    return track::phases_of(tracker.connections()[span.connection->value], span.event, span.end);
}

std::optional<FoundPhases> find_phases(const track::Tracker& tracker, const Event& entered,
                                       const Event& returned) {
    const auto* done = std::get_if<SyscallReturned>(&returned.body);
    if (done == nullptr || !done->has_socket) return std::nullopt;
    const auto in = [&](const track::Connection& c) -> std::optional<FoundPhases> {
        const auto found = track::phases_of(c, entered.id, returned.at);
        return found ? std::optional(FoundPhases{c.id, *found}) : std::nullopt;
    };
    if (done->call != Syscall::Accept) {
        const auto id = tracker.find(entered.actor, done->socket);
        return id ? in(tracker.connections()[id->value]) : std::nullopt;
    }
    for (const track::Connection& c : tracker.connections())
        if (const auto found = in(c)) return found;
    return std::nullopt;
}

std::string phases_sentence(const track::Connection& c, const track::CallPhases& p) {
    const Duration took = p.end - p.begin;
    if (!p.is_known()) {
        if (took < kWorthSaying) return {};
        return concat(" It took ", duration_text(took), "; no packet says how much of that was waiting.");
    }
    if (p.in_vain) return concat(" It was asked in vain, for ", duration_text(took), ".");
    if (p.copying().ns == 0 && !p.segment) return concat(" It took ", duration_text(took), ".");
    if (p.waiting().ns == 0) return concat(did_not_wait(c, p), doubt(p));
    const std::string where = p.completed() && p.reported->wait
                                  ? concat(" in ", syscall_name(p.reported->wait->call), "()")
                                  : std::string();
    return concat(" It waited ", duration_text(p.waiting()), where, " for ", wanted(p.call), " (", how(c, p),
                  "); ", p.completed() ? concat("the kernel ", work(p)) : after_sleep(p), ".", doubt(p));
}

std::string border_text(const track::Connection& c, const track::CallPhases& p) {
    if (!p.is_known()) return "unknown: no packet in this trace says it";
    if (p.in_vain) return "exact: it was asked in vain and moved nothing";
    if (p.segment) return how(c, p);
    if (p.known == track::Border::Estimated) return "estimated: no ACK of earlier bytes passed meanwhile";
    if (p.reported) return concat("exact: ", via_name(p.reported->via), " had said that it need not wait");
    return "exact: it moved nothing";
}

}  // namespace synscope::model
