#include "tests/unit/sim/tcp/tcp_scenario.hpp"

#include <charconv>

#include "net/base/text.hpp"
#include "net/wire/tcp_options.hpp"
#include "net/wire/tcp_text.hpp"

namespace synscope::sim::tcp::test {
namespace {

using wire::TcpFlags;

/// Reads words, numbers and signs off the front.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}
    void spaces() {
        while (!text_.empty() && (text_.front() == ' ' || text_.front() == ','))
            text_.remove_prefix(1);
    }
    bool take(std::string_view word) {
        spaces();
        if (!text_.starts_with(word)) return false;
        text_.remove_prefix(word.size());
        return true;
    }
    std::int64_t number() {
        spaces();
        std::int64_t value = 0;
        const auto end = std::from_chars(text_.data(), text_.data() + text_.size(), value).ptr;
        if (end == text_.data()) ADD_FAILURE() << "a number is missing before \"" << text_ << '"';
        text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
        return value;
    }
    std::string_view word() {
        spaces();
        const std::string_view word = text_.substr(0, text_.find(' '));
        text_.remove_prefix(word.size());
        return word;
    }
    [[nodiscard]] bool done() {
        spaces();
        return text_.empty();
    }
    [[nodiscard]] std::string_view rest() const { return text_; }

  private:
    std::string_view text_;
};

std::uint16_t flags_of(std::string_view word) {
    std::uint16_t bits = 0;
    for (const char c : word) {
        switch (c) {
            case 'S':
                bits |= TcpFlags::kSyn;
                break;
            case 'F':
                bits |= TcpFlags::kFin;
                break;
            case 'R':
                bits |= TcpFlags::kRst;
                break;
            case 'P':
                bits |= TcpFlags::kPsh;
                break;
            case '.':
                bits |= TcpFlags::kAck;
                break;
            case 'U':
                bits |= TcpFlags::kUrg;
                break;
            case 'E':
                bits |= TcpFlags::kEce;
                break;
            case 'W':
                bits |= TcpFlags::kCwr;
                break;
            case '-':
                break;
            default:
                ADD_FAILURE() << "no such flag: " << c;
        }
    }
    return bits;
}

Seq32 plus(Seq32 base, std::int64_t offset) {
    return base + static_cast<std::uint32_t>(offset);
}

void read_options(Reader& r, wire::OptionBytes& out, const Numbers& n) {
    using namespace wire::tcp_option;
    const auto add = [&](const wire::TcpOption& option) {
        ASSERT_TRUE(wire::append_tcp_option(out, option));
    };
    while (!r.done() && !r.take(">")) {
        if (r.take("mss")) {
            add(Mss{static_cast<std::uint16_t>(r.number())});
        } else if (r.take("sackOK")) {
            add(SackPermitted{});
        } else if (r.take("sack")) {
            Sack sack;
            (void)r.number();
            while (r.take("{")) {
                const Seq32 left = plus(n.stack_isn, r.number());
                r.take(":");
                sack.blocks[sack.count++] = {left, plus(n.stack_isn, r.number())};
                r.take("}");
            }
            add(sack);
        } else if (r.take("TS val")) {
            const auto value = static_cast<std::uint32_t>(r.number());
            r.take("ecr");
            add(Timestamps{value, static_cast<std::uint32_t>(r.number())});
        } else if (r.take("nop")) {
            add(NoOp{});
        } else if (r.take("eol")) {
            add(EndOfList{});
        } else if (r.take("wscale")) {
            add(WindowScale{static_cast<std::uint8_t>(r.number())});
        } else {
            ADD_FAILURE() << "no such option: " << r.rest();
            return;
        }
    }
}

}  // namespace

std::string text_of(const Segment& s, const Numbers& n) {
    wire::TcpTextInput input;
    input.flags = s.header.flags;
    input.seq = Seq32::unwrap(s.header.seq, n.stack_isn, 0);
    // A RST without an ACK takes the number the peer named; one with ACK takes 0.
    if (s.header.flags.has(TcpFlags::kRst) && s.header.flags.has(TcpFlags::kAck) && s.header.seq == Seq32{0})
        input.seq = 0;
    input.length = static_cast<std::uint32_t>(s.payload.size());
    if (s.header.flags.has(TcpFlags::kAck)) input.ack = Seq32::unwrap(s.header.ack, n.peer_isn, 0);
    input.window = s.header.window;
    input.urgent = s.header.urgent;
    input.options = s.header.options.span();
    input.sack_zero = n.peer_isn;
    return wire::tcp_text(input);
}

Segment segment_of(std::string_view text, const Numbers& n) {
    Segment s;
    Reader r{text};
    if (r.take("[ce]")) s.ecn = Ecn::Ce;
    if (r.take("[ect0]")) s.ecn = Ecn::Ect0;
    s.header.flags = TcpFlags{flags_of(r.word())};
    s.header.seq = n.peer_isn + (s.header.flags.has(TcpFlags::kSyn) ? 0u : 1u);
    r.spaces();
    if (!r.rest().empty() && (r.rest().front() >= '0' && r.rest().front() <= '9')) {
        const std::int64_t first = r.number();
        r.take(":");
        (void)r.number();
        r.take("(");
        const std::int64_t length = r.number();
        r.take(")");
        s.header.seq = plus(n.peer_isn, first);
        s.payload = Payload::made_by(static_cast<std::size_t>(length), [&](MutableByteSpan out) {
            for (std::size_t i = 0; i < out.size(); ++i)
                out[i] = static_cast<std::byte>((static_cast<std::size_t>(first) + i) % 251);
        });
    }
    if (r.take("ack")) s.header.ack = plus(n.stack_isn, r.number());
    s.header.window = 65535;
    if (r.take("win")) s.header.window = static_cast<std::uint16_t>(r.number());
    if (r.take("urg")) s.header.urgent = static_cast<std::uint16_t>(r.number());
    if (r.take("<")) read_options(r, s.header.options, n);
    EXPECT_TRUE(r.done()) << "not understood: " << r.rest();
    return s;
}

std::string reduced_to(std::string text, std::string_view pattern) {
    if (pattern.find('<') == std::string_view::npos)
        if (const auto at = text.find(" <"); at != std::string::npos) text.erase(at);
    if (pattern.find(" win ") == std::string_view::npos) {
        if (const auto at = text.find(" win "); at != std::string::npos) {
            auto end = at + 5;
            while (end < text.size() && text[end] >= '0' && text[end] <= '9')
                ++end;
            text.erase(at, end - at);
        }
    }
    return text;
}

TcpScenario::TcpScenario() {
    local_ = {IpAddress::v4(0xc0a80001), 8080};
    peer_ = {IpAddress::v4(0xc0000201), 45678};
    // Both directions wrap soon after their SYN.
    numbers_.peer_isn = Seq32{0xffffff00};
    use(kLinux);
}

TcpScenario::~TcpScenario() {
    drain();
    for (const Sent& s : sent_)
        ADD_FAILURE() << "nobody expected: " << s.text << '\n' << transcript();
}

void TcpScenario::use(Personality personality) {
    personality_ = personality;
    personality_.timestamp_offset = false;
    StackOptions options;
    options.personality = personality_;
    options.seed = 7;
    options.addresses = {local_.address};
    stack_ = std::make_unique<Stack>(options);
}

void TcpScenario::drain() {
    for (const Segment& s : stack_->output()) {
        if (!isn_known_ && s.header.flags.has(TcpFlags::kSyn)) {
            numbers_.stack_isn = s.header.seq;
            isn_known_ = true;
        }
        sent_.push_back({now_, text_of(s, numbers_)});
        log_.push_back(concat(now_.count() / 1000, " us  > ", sent_.back().text));
    }
    stack_->output().clear();
}

TcpScenario& TcpScenario::at(std::chrono::nanoseconds t) {
    for (;;) {
        const Instant due = stack_->next_deadline();
        if (due == kNever || due > after_start(t)) break;
        now_ = std::max(now_, std::chrono::nanoseconds{due.ns});
        stack_->advance(due);
        drain();
    }
    now_ = t;
    stack_->advance(after_start(t));
    return *this;
}

TcpScenario& TcpScenario::arrives(std::string_view text) {
    return arrives(segment_of(text, numbers_), text);
}

TcpScenario& TcpScenario::arrives(std::string_view text, std::initializer_list<std::uint8_t> options) {
    Segment s = segment_of(text, numbers_);
    for (const std::uint8_t byte : options)
        s.header.options.push(std::byte{byte});
    return arrives(std::move(s), text);
}

TcpScenario& TcpScenario::arrives(Segment s, std::string_view text) {
    for (const Sent& unexpected : sent_)
        ADD_FAILURE() << "nobody expected: " << unexpected.text << '\n' << transcript();
    sent_.clear();
    s.source = peer_.address;
    s.destination = local_.address;
    s.header.source_port = peer_.port;
    s.header.destination_port = local_.port;
    log_.push_back(concat(now_.count() / 1000, " us  < ", text));
    stack_->arrives(now(), s);
    drain();
    return *this;
}

void TcpScenario::expect_sends(std::string_view text, const char* file, int line) {
    drain();
    if (sent_.empty()) {
        ADD_FAILURE_AT(file, line) << "nothing was sent, expected: " << text << '\n' << transcript();
        return;
    }
    const std::string got = sent_.front().text;
    sent_.pop_front();
    if (reduced_to(got, text) != text)
        ADD_FAILURE_AT(file, line) << "sent:     " << got << "\nexpected: " << text << '\n' << transcript();
}

void TcpScenario::expect_nothing(const char* file, int line) {
    drain();
    for (const Sent& s : sent_)
        ADD_FAILURE_AT(file, line) << "sent: " << s.text << '\n' << transcript();
    sent_.clear();
}

void TcpScenario::expect_nothing_until(std::chrono::nanoseconds t, const char* file, int line) {
    at(t - std::chrono::nanoseconds{1});
    expect_nothing(file, line);
}

void TcpScenario::expect_sends_at(std::chrono::nanoseconds t, std::string_view text, const char* file,
                                  int line) {
    expect_nothing_until(t, file, line);
    at(t);
    expect_sends(text, file, line);
}

void TcpScenario::clear_sent() {
    drain();
    sent_.clear();
}

std::vector<std::string> TcpScenario::sent() {
    drain();
    std::vector<std::string> texts;
    for (const Sent& s : sent_)
        texts.push_back(s.text);
    sent_.clear();
    return texts;
}

void TcpScenario::icmp(IcmpKind kind, std::uint32_t seq, std::uint16_t next_hop_mtu) {
    IcmpReport report;
    report.kind = kind;
    report.source = local_;
    report.destination = peer_;
    report.seq = numbers_.stack_isn + seq;
    report.next_hop_mtu = next_hop_mtu;
    stack_->icmp(now(), report);
}

void TcpScenario::listens(std::uint32_t backlog) {
    listener_ = stack_->create();
    ASSERT_EQ(stack_->bind(listener_, {IpAddress::v4(0), local_.port}), Error::None);
    ASSERT_EQ(stack_->listen(now(), listener_, backlog), Error::None);
}

void TcpScenario::established(std::string_view syn_options) {
    listens();
    arrives(concat("S 0:0(0) win 65535 <", syn_options, '>'));
    expect_sends("S. 0:0(0) ack 1");
    in(100ms).arrives(". ack 1 win 65535");
    const auto accepted = stack_->accept(now(), listener_);
    ASSERT_TRUE(accepted.has_value());
    socket_ = *accepted;
    ASSERT_EQ(state(), TcpState::Established);
}

void TcpScenario::connects() {
    socket_ = stack_->create();
    ASSERT_EQ(stack_->bind(socket_, local_), Error::None);
    ASSERT_EQ(stack_->connect(now(), socket_, peer_), Error::InProgress);
    expect_sends("S 0:0(0)");
}

void TcpScenario::connected(std::string_view syn_ack) {
    connects();
    arrives(syn_ack);
    expect_sends(". ack 1");
    ASSERT_EQ(state(), TcpState::Established);
}

IoResult TcpScenario::write(std::size_t bytes, SendFlags flags) {
    const std::size_t first = written_;
    const Payload data = Payload::made_by(bytes, [&](MutableByteSpan out) {
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = static_cast<std::byte>((first + i) % 253);
    });
    const IoResult result = stack_->send(now(), socket_, data, flags);
    written_ += result.bytes;
    drain();
    return result;
}

std::string TcpScenario::read(std::size_t most) {
    std::string out(most, '\0');
    const auto bytes = MutableByteSpan{reinterpret_cast<std::byte*>(out.data()), out.size()};
    const IoResult result = stack_->receive(now(), socket_, bytes);
    out.resize(result.bytes);
    drain();
    return out;
}

TcpState TcpScenario::state() const {
    const Tcb* t = stack_->find(socket_);
    return t == nullptr ? TcpState::Closed : t->state;
}

const Tcb& TcpScenario::tcb() const {
    return *stack_->find(socket_);
}

std::string TcpScenario::transcript() const {
    std::string out = "transcript:\n";
    for (const std::string& line : log_)
        append(out, concat("  ", line, '\n'));
    return out;
}

}  // namespace synscope::sim::tcp::test
