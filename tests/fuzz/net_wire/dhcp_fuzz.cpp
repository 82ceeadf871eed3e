// DHCP messages: reading ends, options stay inside, and what is written again reads the same.

#include <cstdlib>

#include "net/wire/dhcp.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace synscope;
    const ByteSpan bytes = std::as_bytes(std::span{data, size});
    for (const wire::DhcpOptionView& option : wire::dhcp_options(bytes))
        if (option.size == 0 || option.at + option.size > bytes.size() || option.bytes.size() > option.size)
            std::abort();
    const auto message = wire::DhcpMessage::parse(bytes);
    if (!message) return 0;
    static_cast<void>(message->text());
    const auto again = wire::DhcpMessage::parse(message->emit());
    // The fixed fields end in a zero of ours: a name that filled its field whole is cut by one byte.
    if (!again || again->options != message->options || again->transaction != message->transaction)
        std::abort();
    return 0;
}
