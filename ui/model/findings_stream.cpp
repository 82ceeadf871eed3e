// What became of writes and messages on their way: joined, split or left whole, and by whom.
#include <algorithm>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "ui/model/findings_facts.hpp"

namespace synscope::model {

namespace {

using track::StreamCall;

constexpr std::size_t kSpelledOut = 3;  ///< merged reads of one direction that get a sentence each

std::vector<const StreamCall*> calls_of(const track::Connection& c, Side side, bool writes) {
    std::vector<const StreamCall*> found;
    for (const StreamCall& call : c.calls)
        if (call.side == side && call.writes == writes && !call.bytes.empty()) found.push_back(&call);
    return found;
}

std::string_view call_name(const Facts& facts, const StreamCall& call) {
    const Event event = facts.source.event(call.entered);
    const auto* body = std::get_if<SyscallEntered>(&event.body);
    return body == nullptr ? std::string_view{call.writes ? "send" : "recv"} : syscall_name(body->call);
}

bool merged_at_sender(const std::vector<track::Fate>& fates, ByteRange bytes) {
    for (const track::Fate& fate : fates) {
        if (!fate.bytes.overlaps(bytes)) continue;
        if (std::find(fate.verdicts.begin(), fate.verdicts.end(), track::FateVerdict::MergedAtSender) !=
            fate.verdicts.end())
            return true;
    }
    return false;
}

/// When the last of these bytes was seen on the wire.
std::optional<Instant> seen_at(const track::Connection& c, Direction direction, ByteRange bytes) {
    std::optional<Instant> last;
    for (const track::Segment& s : c.segments)
        if (s.direction == direction && s.length > 0 && s.bytes().overlaps(bytes) && !s.retransmission)
            last = s.at;
    return last;
}

/// The time the reader was busy on purpose while the bytes were there and had not been asked for.
const BusySpan* busy_before(const Facts& facts, Side reader, Instant first_written, const StreamCall& read) {
    for (const BusySpan& busy : facts.busy)
        if (busy.side == reader && busy.end <= read.entered_at && busy.end > first_written) return &busy;
    return nullptr;
}

std::string why_together(const Facts& facts, Direction direction,
                         const std::vector<const StreamCall*>& writes, const StreamCall& read,
                         bool at_sender) {
    const Side reader = other(sender_of(direction));
    const auto arrived = seen_at(facts.connection, direction, read.bytes);
    if (const BusySpan* busy = busy_before(facts, reader, writes.front()->entered_at, read))
        return concat(", because the ", name_of(reader), " was busy for ",
                      duration_text(busy->end - busy->begin), " (", busy->reason, ") before it read");
    if (at_sender || !arrived) return {};
    if (*arrived <= read.entered_at)
        return concat(", because all of it had arrived before the ", name_of(reader), " asked");
    return concat(": the last of it arrived before the waiting ", name_of(reader), " had run again");
}

Finding merged_read(const Facts& facts, Direction direction, const std::vector<const StreamCall*>& writes,
                    const StreamCall& read, const std::vector<track::Fate>& fates) {
    std::vector<std::uint64_t> sizes;
    for (const StreamCall* write : writes)
        sizes.push_back(write->bytes.size());
    const bool at_sender = merged_at_sender(fates, read.bytes);
    Finding finding;
    finding.topic = Topic::Writes;
    finding.connection = facts.connection.id;
    finding.rule = "RFC 9293 section 3.8";
    for (const StreamCall* write : writes)
        finding.events.push_back(write->entered);
    finding.events.push_back(read.returned);
    const Duration apart = writes[1]->entered_at - writes[0]->entered_at;
    finding.sentence = concat(
        "The ", name_of(sender_of(direction)), "'s ", writes.size(), ' ', call_name(facts, *writes.front()),
        "() calls (", joined_sizes(sizes), " bytes, ", duration_text(apart), " apart) came out of one ",
        call_name(facts, read), "() as ", bytes_count(read.bytes.size()),
        why_together(facts, direction, writes, read, at_sender), ". ",
        at_sender
            ? "They were already joined at the sender: one segment carried bytes of both."
            : "They crossed the wire in segments of their own and were joined in the receiver's buffer: "
              "TCP keeps bytes in order, not calls apart.");
    return finding;
}

std::optional<Finding> read_apart(const Facts& facts, Direction direction,
                                  const std::vector<const StreamCall*>& writes,
                                  const std::vector<const StreamCall*>& reads) {
    if (writes.size() < 2 || reads.empty()) return std::nullopt;
    std::vector<std::uint64_t> written;
    std::vector<std::uint64_t> taken;
    for (const StreamCall* w : writes)
        written.push_back(w->bytes.size());
    for (const StreamCall* r : reads)
        taken.push_back(r->bytes.size());
    Finding finding;
    finding.topic = Topic::Writes;
    finding.connection = facts.connection.id;
    finding.rule = "RFC 9293 section 3.8";
    finding.events = {writes.front()->entered, reads.back()->returned};
    const bool whole = written == taken;
    finding.sentence =
        concat("The ", name_of(sender_of(direction)), "'s ", writes.size(), ' ',
               call_name(facts, *writes.front()), "() calls (", joined_sizes(written),
               " bytes, the first two ", duration_text(writes[1]->entered_at - writes[0]->entered_at),
               " apart) came out of ", reads.size(), ' ', call_name(facts, *reads.front()),
               reads.size() == 1 ? "() call" : "() calls", " (", joined_sizes(taken), " bytes): ",
               whole ? "each was read before the next arrived. That was luck of timing, nothing promises it."
                     : "the reader's boundaries are not the writer's.");
    return finding;
}

void find_writes_of(const Facts& facts, Direction direction, std::vector<Finding>& out) {
    const track::Connection& c = facts.connection;
    const auto writes = calls_of(c, sender_of(direction), true);
    const auto reads = calls_of(c, other(sender_of(direction)), false);
    if (writes.empty() || reads.empty()) return;
    const std::vector<track::Fate> fates = track::fates(c, direction);
    std::size_t merged = 0;
    for (const StreamCall* read : reads) {
        std::vector<const StreamCall*> inside;
        for (auto it =
                 std::partition_point(writes.begin(), writes.end(),
                                      [&](const StreamCall* w) { return w->bytes.end <= read->bytes.begin; });
             it != writes.end() && (*it)->bytes.begin < read->bytes.end; ++it)
            inside.push_back(*it);
        if (inside.size() < 2) continue;
        if (++merged <= kSpelledOut) out.push_back(merged_read(facts, direction, inside, *read, fates));
    }
    if (merged > kSpelledOut) {
        Finding more;
        more.topic = Topic::Writes;
        more.connection = c.id;
        more.sentence = concat(merged - kSpelledOut, " more reads returned bytes of several writes of the ",
                               name_of(sender_of(direction)), '.');
        out.push_back(std::move(more));
    }
    if (merged > 0) return;
    if (auto apart = read_apart(facts, direction, writes, reads)) out.push_back(std::move(*apart));
}

void say_unknown(const Facts& facts, std::vector<Finding>& out) {
    const track::Connection& c = facts.connection;
    std::uint64_t bytes[2] = {0, 0};
    std::size_t segments[2] = {0, 0};
    for (const track::Segment& s : c.segments) {
        if (s.length == 0 || s.retransmission) continue;
        bytes[static_cast<std::size_t>(s.direction)] += s.length;
        ++segments[static_cast<std::size_t>(s.direction)];
    }
    if (bytes[0] + bytes[1] == 0) return;
    Finding finding;
    finding.topic = Topic::Writes;
    finding.connection = c.id;
    finding.sentence =
        concat("The client sent ", bytes_count(bytes[0]), " in ", segments[0],
               segments[0] == 1 ? " segment" : " segments", ", the server ", bytes_count(bytes[1]), " in ",
               segments[1], segments[1] == 1 ? " segment" : " segments",
               ". The trace holds no system calls, so which send() and recv() they belong to is unknown.");
    out.push_back(std::move(finding));
}

}  // namespace

void find_writes(const Facts& facts, std::vector<Finding>& out) {
    if (facts.connection.calls.empty()) {
        say_unknown(facts, out);
        return;
    }
    find_writes_of(facts, Direction::ClientToServer, out);
    find_writes_of(facts, Direction::ServerToClient, out);
}

void find_messages(const Facts& facts, std::vector<Finding>& out) {
    const track::Connection& c = facts.connection;
    for (const Side reader : {Side::Server, Side::Client}) {
        std::size_t several = 0;
        for (const StreamCall* read : calls_of(c, reader, false)) {
            std::vector<const track::Message*> completed;
            for (const track::Message& m : c.messages)
                if (m.side == reader && !m.outgoing && !m.bytes.empty() &&
                    read->bytes.contains(m.bytes.end - 1))
                    completed.push_back(&m);
            if (completed.size() < 2 || ++several > kSpelledOut) continue;
            std::vector<std::uint64_t> sizes;
            Finding finding;
            finding.topic = Topic::Messages;
            finding.connection = c.id;
            finding.events.push_back(read->returned);
            for (const track::Message* m : completed) {
                sizes.push_back(m->body.size());
                finding.events.push_back(m->event);
            }
            const std::uint64_t header = completed.front()->body.begin - completed.front()->bytes.begin;
            const std::string framing =
                escaped(facts.source.text(completed.front()->framing), Medium::Terminal);
            const std::string how = header > 0 ? concat("the ", header, "-byte header in front of each (",
                                                        framing, ") says where it ends")
                                               : concat("the framing (", framing, ") marks where each ends");
            finding.sentence = concat("One ", call_name(facts, *read), "() of the ", name_of(reader),
                                      " returned ", bytes_count(read->bytes.size()), ", and ",
                                      completed.size(), " messages were found in it (", joined_sizes(sizes),
                                      " bytes): ", how, ", so nothing sticks together.");
            out.push_back(std::move(finding));
        }
    }
}

}  // namespace synscope::model
