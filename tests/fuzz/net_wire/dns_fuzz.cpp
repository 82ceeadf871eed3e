// DNS messages: reading ends, and what is written again reads the same. Contents that made no sense are kept
// as bytes; at another place a pointer in them may make sense, so the contents of records are not compared.

#include <cstdlib>

#include "net/wire/dns.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace synscope;
    const auto message = wire::DnsMessage::parse(std::as_bytes(std::span{data, size}));
    if (!message) return 0;
    static_cast<void>(message->text());
    const auto bytes = message->emit();
    if (!bytes) std::abort();
    const auto again = wire::DnsMessage::parse(*bytes);
    if (!again || again->id != message->id || again->flags != message->flags ||
        again->questions != message->questions || again->answers.size() != message->answers.size() ||
        again->authorities.size() != message->authorities.size() ||
        again->additional.size() != message->additional.size())
        std::abort();
    return 0;
}
