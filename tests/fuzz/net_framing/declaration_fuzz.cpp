// Whatever text declares a framing, that framing carries messages and gives them back.
#include <cstdlib>

#include "net/framing/crash_test.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace synscope::framing;
    const auto info = framing_named({reinterpret_cast<const char*>(data), size});
    if (!info || !info->boundaries) return 0;
    const Sample sample = sample_of(*info, info->examples.size());
    if (!decoder_is_right(*info, sample, {})) std::abort();
    for (std::size_t cut = 1; cut < sample.stream.size() && cut < 64; ++cut)
        if (!decoder_is_right(*info, sample, {&cut, 1})) std::abort();
    return 0;
}
