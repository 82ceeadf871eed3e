// TCP options: reading ends, stays inside, and what can be written again reads the same.

#include <cstdlib>

#include "net/wire/tcp_options.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace synscope;
    const ByteSpan bytes = std::as_bytes(std::span{data, size});
    const wire::TcpOptions options{bytes};
    for (auto it = options.begin(); it != options.end(); ++it) {
        if (it.size() == 0 || it.offset() + it.size() > bytes.size()) std::abort();
        wire::OptionBytes out;
        if (!wire::append_tcp_option(out, *it)) continue;
        if (!(*wire::TcpOptions{out.span()}.begin() == *it)) std::abort();
    }
    static_cast<void>(wire::tcp_options_text(bytes, Seq32{0xfffffff0}));
    return 0;
}
