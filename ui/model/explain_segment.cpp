#include "net/base/text.hpp"
#include "ui/model/explain.hpp"
#include "ui/model/ladder_text.hpp"

namespace synscope::model {

namespace {

using track::Connection;
using track::Segment;
using wire::TcpFlags;

std::string side_the(Side side, bool sentence_start) {
    return concat(sentence_start ? "The " : "the ", side_name(side));
}

/// The number that the FIN of a direction takes, as far as seen before segment `before`.
std::optional<std::int64_t> fin_number(const Connection& c, Direction direction, std::size_t before) {
    for (std::size_t i = 0; i < before; ++i) {
        const Segment& s = c.segments[i];
        if (s.direction == direction && s.flags.has(TcpFlags::kFin))
            return s.seq + static_cast<std::int64_t>(s.length);
    }
    return std::nullopt;
}

/// The highest acknowledgment that this side sent before.
std::optional<std::int64_t> last_ack(const Connection& c, Direction direction, std::size_t before) {
    for (std::size_t i = before; i-- > 0;) {
        const Segment& s = c.segments[i];
        if (s.direction == direction && s.ack) return s.ack;
    }
    return std::nullopt;
}

bool same_ack_and_window_before(const Connection& c, std::size_t index) {
    const Segment& s = c.segments[index];
    for (std::size_t i = index; i-- > 0;) {
        const Segment& earlier = c.segments[i];
        if (earlier.direction == s.direction && earlier.ack)
            return earlier.ack == s.ack && earlier.window == s.window;
    }
    return false;
}

/// What the acknowledgment number newly confirms; empty when it confirms nothing new.
std::string confirmed(const Connection& c, std::size_t index) {
    const Segment& s = c.segments[index];
    if (!s.ack) return {};
    const std::string_view peer = side_name(other(sender_of(s.direction)));
    const auto before = last_ack(c, s.direction, index);
    if (before && *s.ack <= *before) return {};
    const auto fin = fin_number(c, other(s.direction), index);
    const bool confirms_fin = fin && *s.ack == *fin + 1;
    // Relative number 1 is the first byte; the SYN is number 0.
    const std::int64_t from = before ? *before : 0;
    const std::int64_t first_byte = from < 1 ? 0 : from - 1;
    const std::int64_t end_byte = (confirms_fin ? *fin : *s.ack) - 1;
    std::string text;
    if (before.value_or(0) < 1 && *s.ack >= 1 && c.saw_syn) text = concat("the ", peer, "'s SYN");
    if (end_byte > first_byte) {
        if (!text.empty()) text += " and ";
        text +=
            concat(bytes_text({static_cast<std::uint64_t>(first_byte), static_cast<std::uint64_t>(end_byte)}),
                   " from the ", peer);
    }
    if (confirms_fin) {
        if (!text.empty()) text += " and ";
        text += concat("the ", peer, "'s FIN");
    }
    return text;
}

std::string data_sentence(const Connection& c, const Segment& s) {
    const std::string_view who = side_name(sender_of(s.direction));
    std::string text;
    if (s.retransmission)
        text = concat("The ", who, " sends again ", bytes_text(s.bytes()),
                      ": they went out before and were not confirmed in time.");
    else
        text = concat("The ", who, " sends ", count_text(s.length, "byte", "bytes"), ": ",
                      bytes_text(s.bytes()), " of what it has to say.");
    if (s.flags.has(TcpFlags::kPsh))
        text += " PSH asks the receiver to hand them to the program without waiting for more.";
    (void)c;
    return text;
}

Explanation opening(const Connection& c, const Segment& s) {
    const Side sender = sender_of(s.direction);
    if (s.flags.has(TcpFlags::kAck))
        return {{},
                concat("The ", side_name(sender), " accepts: it confirms the ", side_name(other(sender)),
                       "'s SYN and sends a SYN of its own, so that bytes may go both ways. Its ACK is ",
                       "the next number it expects: 1."),
                "RFC 9293 section 3.5"};
    std::string text =
        concat(side_the(sender, true), " asks to open a connection. The SYN takes number 0, so the ",
               "first byte will be number 1.");
    if (s.retransmission) text += " It has asked before and got no answer.";
    (void)c;
    return {{}, std::move(text), "RFC 9293 section 3.5"};
}

Explanation plain_ack(const Connection& c, std::size_t index, const std::string& what) {
    const Segment& s = c.segments[index];
    const Side sender = sender_of(s.direction);
    const std::string who = side_the(sender, true);
    if (s.window == 0)
        return {{},
                concat(who, " has no room left for more bytes: window 0. The ", side_name(other(sender)),
                       " must wait until room is announced again."),
                "RFC 9293 section 3.8.6.1"};
    if (what.empty() && same_ack_and_window_before(c, index))
        return {
            {},
            concat(who,
                   " says once more which byte it expects next. It confirms nothing new: either something ",
                   "arrived out of order, or the other side asked whether it is still there."),
            "RFC 5681 section 2"};
    if (what.empty())
        return {
            {},
            concat(who, " announces how much room it has now: ", count_text(s.window, "byte", "bytes"), "."),
            "RFC 9293 section 3.8.6"};
    const bool ends_handshake = c.saw_syn && sender == Side::Client && s.ack == 1;
    if (ends_handshake)
        return {
            {},
            concat(who, " confirms ", what, ". With this third segment the connection is open both ways."),
            "RFC 9293 section 3.5"};
    return {{},
            concat(who, " confirms ", what, ". This segment carries no bytes of its own."),
            "RFC 9293 section 3.4"};
}

}  // namespace

Explanation explain_segment(const TraceSource& source, const Connection& connection, std::size_t index) {
    const Segment& s = connection.segments[index];
    const Side sender = sender_of(s.direction);
    const std::string what = confirmed(connection, index);
    Explanation result;
    if (s.flags.has(TcpFlags::kRst)) {
        result = {
            {},
            concat("The ", side_name(sender), " breaks the connection off. Nothing more is delivered, and a ",
                   "program that still reads or writes gets an error."),
            "RFC 9293 section 3.5.2"};
    } else if (s.flags.has(TcpFlags::kSyn)) {
        result = opening(connection, s);
    } else if (s.flags.has(TcpFlags::kFin)) {
        result.sentence = s.length > 0 ? concat(data_sentence(connection, s), " ") : std::string();
        result.sentence +=
            concat("The ", side_name(sender), " will send no more bytes: its FIN takes a number of ",
                   "its own, so it can be confirmed like a byte. It can still receive.");
        result.rule = "RFC 9293 section 3.6";
        if (!what.empty()) result.sentence += concat(" The same segment confirms ", what, ".");
    } else if (s.length > 0) {
        result.sentence = data_sentence(connection, s);
        result.rule = s.retransmission ? "RFC 6298 section 5" : "RFC 9293 section 3.4";
        if (!what.empty()) result.sentence += concat(" The same segment confirms ", what, ".");
    } else {
        result = plain_ack(connection, index, what);
    }
    result.line = concat(side_name(sender), " > ", side_name(other(sender)), "  ", packet_text(source, s));
    return result;
}

}  // namespace synscope::model
