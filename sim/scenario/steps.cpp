#include <algorithm>
#include <utility>

#include "net/base/text.hpp"
#include "sim/scenario/schema.hpp"
#include "sim/scenario/units.hpp"

namespace synscope::scenario {

namespace {

constexpr std::size_t kMaxSteps = 1000;
/// One message is built in memory by whoever sends it.
constexpr std::uint64_t kMaxMessageBytes = 64u << 20;
constexpr std::uint64_t kMaxBytesAtOnce = 1u << 30;  ///< of a crowd
const std::vector<std::string_view> kStepWords{"connect", "send", "recv",  "wait",    "shutdown", "close",
                                               "mark",    "ping", "reset", "resolve", "dhcp"};
constexpr std::uint64_t kMaxCount = std::uint64_t{1} << 40;

Connect read_connect(const Field& field) {
    Connect connect;
    if (field.node().kind == YamlNode::Kind::Null) return connect;
    const Fields keys(field, {"timeout", "host", "name", "port", "from_port", "blocking"});
    const auto port = [](const Field& f) { return static_cast<std::uint16_t>(f.whole(1, 65535)); };
    if (const auto timeout = keys.get("timeout")) connect.timeout = timeout->duration();
    read_key(keys, "host", connect.host, [](const Field& f) { return f.name(); });
    read_key(keys, "name", connect.name, read_name_to_resolve);
    read_key(keys, "port", connect.port, port);
    read_key(keys, "from_port", connect.from_port, port);
    read_key(keys, "blocking", connect.blocking, [](const Field& f) { return f.boolean(); });
    if (!connect.host.empty() && !connect.name.empty())
        field.fail("connect needs either host or name", "a name is asked of DNS, a host is of the scenario");
    if (!connect.name.empty() && !connect.port) field.fail("connecting to a name needs a port");
    return connect;
}

std::uint32_t read_chunk(const Field& field) {
    return static_cast<std::uint32_t>(field.size(1, 16u << 20));
}

Send read_send(const Field& field) {
    Send send;
    if (field.node().kind == YamlNode::Kind::Map) {
        const Fields keys(field, {"data", "repeat", "chunk", "every"});
        send.data = keys.require("data").text();
        if (const auto repeat = keys.get("repeat"))
            send.repeat = static_cast<std::uint32_t>(repeat->whole(1, kMaxMessageBytes));
        read_key(keys, "chunk", send.chunk, read_chunk);
        read_key(keys, "every", send.every, [](const Field& f) { return f.duration(); });
    } else {
        send.data = field.text();
    }
    if (send.data.size() * send.repeat > kMaxMessageBytes)
        field.fail(concat("sends more than ", kMaxMessageBytes, " bytes in one message"),
                   "send several messages");
    return send;
}

/// "11 bytes", "2 messages", "eof".
Recv recv_from_text(const Field& field) {
    constexpr std::string_view kHint = "write 'eof', '11 bytes' or '2 messages'";
    const std::string text = field.text();
    Recv recv;
    if (text == "eof") {
        recv.until_eof = true;
        return recv;
    }
    const auto space = text.find(' ');
    const auto count = parse_whole(std::string_view(text).substr(0, space), kMaxCount);
    const std::string_view unit =
        space == std::string::npos ? std::string_view() : std::string_view(text).substr(space + 1);
    const bool bytes = unit == "bytes" || unit == "byte";
    const bool messages = unit == "messages" || unit == "message";
    if (!count || *count == 0 || !(bytes || messages))
        field.fail(concat("cannot read '", text, "' as what to receive"), std::string(kHint));
    (bytes ? recv.bytes : recv.messages) = *count;
    return recv;
}

Recv read_recv(const Field& field) {
    if (field.node().kind != YamlNode::Kind::Map) return recv_from_text(field);
    const Fields keys(field, {"bytes", "messages", "eof", "chunk", "every", "timeout"});
    Recv recv;
    read_key(keys, "chunk", recv.chunk, read_chunk);
    read_key(keys, "every", recv.every, [](const Field& f) { return f.duration(); });
    if (const auto timeout = keys.get("timeout")) recv.timeout = timeout->duration();
    read_key(keys, "eof", recv.until_eof, [](const Field& f) { return f.boolean(); });
    if (const auto bytes = keys.get("bytes")) recv.bytes = bytes->size(1, kMaxCount);
    if (const auto messages = keys.get("messages")) recv.messages = messages->whole(1, kMaxCount);
    if ((recv.bytes ? 1 : 0) + (recv.messages ? 1 : 0) + (recv.until_eof ? 1 : 0) != 1)
        field.fail("recv needs either bytes, messages or eof", "such as {bytes: 64k} or {eof: true}");
    return recv;
}

Shutdown read_shutdown(const Field& field) {
    return {static_cast<ShutdownHow>(field.one_of({"read", "write", "both"}))};
}

Ping read_ping(const Field& field) {
    Ping ping;
    if (field.node().kind == YamlNode::Kind::Scalar) {
        ping.host = field.name();
        return ping;
    }
    const Fields keys(field, {"host", "name", "count", "size", "every"});
    read_key(keys, "host", ping.host, [](const Field& f) { return f.name(); });
    read_key(keys, "name", ping.name, read_name_to_resolve);
    if (ping.host.empty() == ping.name.empty()) field.fail("ping needs either host or name");
    const auto number = [](std::uint64_t least, std::uint64_t most) {
        return [=](const Field& f) { return static_cast<std::uint32_t>(f.whole(least, most)); };
    };
    read_key(keys, "count", ping.count, number(1, 1000));
    read_key(keys, "size", ping.size, number(0, 65507));
    read_key(keys, "every", ping.every, [](const Field& f) { return f.duration(); });
    return ping;
}

void need_nothing(std::string_view word, const Field& value) {
    if (value.node().kind != YamlNode::Kind::Null) value.fail(concat(word, " takes no value"));
}

StepAction read_action(const std::string& word, const Field& value) {
    if (word == "connect") return read_connect(value);
    if (word == "send") return read_send(value);
    if (word == "recv") return read_recv(value);
    if (word == "wait") return Wait{value.duration()};
    if (word == "shutdown") return read_shutdown(value);
    if (word == "mark") return Mark{value.name()};
    if (word == "resolve") return Resolve{read_name_to_resolve(value)};
    if (word == "ping") return read_ping(value);
    if (word == "close" || word == "reset" || word == "dhcp") need_nothing(word, value);
    if (word == "close") return Close{};
    if (word == "reset") return Reset{};
    if (word == "dhcp") return Dhcp{};
    value.source().fail(value.node().at, concat("unknown step '", word, "'"), did_you_mean(word, kStepWords));
}

Step read_step(const Field& field) {
    const YamlNode& node = field.node();
    Step step;
    step.line = node.at.line;
    step.column = node.at.column;
    step.override_number = node.at.override_number;
    if (node.kind == YamlNode::Kind::Scalar) {
        // A bare word: the steps that need no value; the others say what they miss.
        YamlNode nothing;
        nothing.at = node.at;
        step.action = read_action(node.scalar, Field(field.source(), nothing, node.scalar));
        return step;
    }
    if (node.kind != YamlNode::Kind::Map || node.entries.size() != 1)
        field.fail(concat(field.path(), " must be one step"), "such as '- connect' or '- send: hello'");
    const YamlEntry& entry = node.entries.front();
    YamlNode value = entry.value;
    // An unknown word is told where it stands, not where its value does.
    const bool known = std::find(kStepWords.begin(), kStepWords.end(), entry.key) != kStepWords.end();
    if (!known || value.kind == YamlNode::Kind::Null) value.at = entry.at;
    step.action = read_action(entry.key, Field(field.source(), value, concat(field.path(), '.', entry.key)));
    return step;
}

/// What a script may do next.
class Order {
  public:
    explicit Order(StepRules rules)
        : framed_(rules.framed || rules.datagrams),
          accepted_(rules.accepted),
          count_(rules.count),
          connected_(rules.accepted) {}

    void check(const Field& field, const Step& step) {
        std::visit([&](const auto& action) { check_one(field, action); }, step.action);
    }

  private:
    void need_connection(const Field& field, std::string_view what) const {
        if (connected_) return;
        field.fail(concat(what, closed_ ? " after close" : " before connect"),
                   accepted_ ? "the connection is gone here" : "the client has no connection here");
    }
    void need_client(const Field& field, std::string_view what) const {
        if (accepted_) field.fail(concat(what, " is a client's step, not a server's"));
    }
    void need_one_client(const Field& field, std::string_view what) const {
        need_client(field, what);
        if (count_ > 1)
            field.fail(concat(what, " is for one client, not for a crowd"), "this one has a count");
    }
    void check_one(const Field& field, const Connect& connect) {
        need_client(field, "connect");
        if (connect.from_port) need_one_client(field, "connecting from a port");
        if (connected_) field.fail("connect while connected", "close first");
        connected_ = true;
        write_shut_ = read_shut_ = at_eof_ = false;
    }
    void check_one(const Field& field, const Send& send) const {
        need_connection(field, "send");
        if (write_shut_) field.fail("send after shutdown", "the writing side was shut down before");
        if (send.data.size() * send.repeat * count_ > kMaxBytesAtOnce)
            field.fail(concat("a crowd of ", count_, " sends more than ", kMaxBytesAtOnce, " bytes at once"),
                       "send several messages");
        if (!framed_ && send.data.empty()) field.fail("nothing to send", "an empty message needs a framing");
    }
    void check_one(const Field& field, const Recv& recv) {
        need_connection(field, "recv");
        if (read_shut_) field.fail("recv after shutdown", "the reading side was shut down before");
        if (at_eof_) field.fail("recv after end-of-file", "nothing can come any more");
        if (recv.messages && !framed_)
            field.fail("receiving messages needs a framing", "set the client's framing, such as len32");
        at_eof_ = recv.until_eof;
    }
    static void check_one(const Field&, const Wait&) {}
    static void check_one(const Field&, const Mark&) {}
    void check_one(const Field& field, const Shutdown& shutdown) {
        need_connection(field, "shutdown");
        const bool write = shutdown.how != ShutdownHow::Read;
        const bool read = shutdown.how != ShutdownHow::Write;
        if ((!write || write_shut_) && (!read || read_shut_)) field.fail("shut down already");
        write_shut_ = write_shut_ || write;
        read_shut_ = read_shut_ || read;
    }
    void check_one(const Field& field, const Close&) {
        need_connection(field, "close");
        connected_ = false;
        closed_ = true;
    }
    void check_one(const Field& field, const Reset&) {
        need_connection(field, "reset");
        connected_ = false;
        closed_ = true;
    }
    void check_one(const Field& field, const Resolve&) const { need_client(field, "resolve"); }
    void check_one(const Field& field, const Ping&) const { need_one_client(field, "ping"); }
    void check_one(const Field& field, const Dhcp&) const { need_one_client(field, "dhcp"); }

    bool framed_;  ///< a message has borders
    bool accepted_;
    std::uint64_t count_;
    bool connected_;
    bool closed_ = false;
    bool write_shut_ = false;
    bool read_shut_ = false;
    bool at_eof_ = false;
};

}  // namespace

std::vector<Step> read_steps(const Field& list, StepRules rules) {
    std::vector<Step> steps;
    Order order(rules);
    for (const Field& field : list.list(kMaxSteps)) {
        steps.push_back(read_step(field));
        order.check(field, steps.back());
    }
    return steps;
}

}  // namespace synscope::scenario
