#include <algorithm>
#include <string>
#include <vector>

#include "net/base/escape.hpp"
#include "net/framing/framing.hpp"
#include "net/service/service.hpp"
#include "net/wire/tcp_text.hpp"
#include "net/wire/transport.hpp"
#include "tests/pure/frames.hpp"
#include "tests/pure/self_check.hpp"

namespace synscope::pure {
namespace {

std::string text_of(ByteSpan bytes) {
    std::string text;
    std::transform(bytes.begin(), bytes.end(), std::back_inserter(text),
                   [](std::byte b) { return static_cast<char>(b); });
    return text;
}

void check_wire(Checks& checks) {
    const auto syn = wire::find_tcp(wire::LinkType::Raw, kSyn, kSyn.size());
    const auto data = wire::find_tcp(wire::LinkType::Raw, kData, kData.size());
    checks.that(syn.has_value() && data.has_value(), "TCP is found in raw IP");
    if (!syn || !data) return;
    checks.that(wire::tcp_text(*syn, syn->seq, Seq32{}, 0) == "S 0:0(0) win 64240 <mss 1460>",
                "a SYN in text");
    checks.that(wire::tcp_text(*data, syn->seq, Seq32{1000}, 0) == "P. 1:7(6) ack 1 win 64240",
                "data in text, over the wrap");
    checks.that(text_of(data->payload) == "hello\n", "the payload is found");
    checks.that(!wire::find_tcp(wire::LinkType::Raw, ByteSpan{kSyn}.first(30), 30),
                "a cut header is refused");
}

void check_framing_and_service(Checks& checks) {
    const auto data = wire::find_tcp(wire::LinkType::Raw, kData, kData.size());
    const auto* len32 = framing::find_framing("len32");
    const auto* upper = service::find_service("upper");
    checks.that(data && len32 != nullptr && upper != nullptr, "len32 and upper exist");
    if (!data || len32 == nullptr || upper == nullptr) return;

    std::vector<std::byte> stream;
    checks.that(len32->encoder({})->encode(data->payload, stream).has_value(), "a message is framed");
    const auto decoder = len32->decoder({});
    decoder->feed(ByteSpan{stream}.first(5));
    checks.that(decoder->next() == nullptr, "half a message is none");
    decoder->feed(ByteSpan{stream}.subspan(5));
    const auto message = decoder->next();
    checks.that(message != nullptr, "the whole message is found");
    if (message == nullptr) return;

    const auto service = upper->make();
    const auto session = service->open(service::ConnectionKey{1}, data->source);
    service::Effects effects;
    session->on_message(message->content, effects);
    checks.that(effects.list().size() == 1, "one message, one effect");
    const auto* reply =
        effects.list().empty() ? nullptr : std::get_if<service::Reply>(&effects.list().front());
    checks.that(reply != nullptr && text_of(effects.bytes(reply->bytes)) == "HELLO\n",
                "upper answers in upper case");
}

}  // namespace

void check_net(Checks& checks) {
    checks.that(escaped("a\x1b[31m<b>", Medium::Markup) == "a\\x1b[31m&lt;b&gt;", "text is made harmless");
    check_wire(checks);
    check_framing_and_service(checks);
}

}  // namespace synscope::pure
