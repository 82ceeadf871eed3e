// DNS messages: reading ends, and what can be written again reads the same.

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
    if (!again || !(*again == *message)) std::abort();
    return 0;
}
