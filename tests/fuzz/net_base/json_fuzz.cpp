// What is read as JSON is written as JSON that means the same.
#include <cstdlib>

#include "net/base/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace synscope;
    const auto value = json::parse({reinterpret_cast<const char*>(data), size});
    if (!value) {
        if (value.error().offset > size) std::abort();
        return 0;
    }
    const std::string text = json::text(*value);
    const auto again = json::parse(text);
    if (!again || json::text(*again) != text) std::abort();
    return 0;
}
