// Scenario files come from anywhere. Whatever the text, load_text answers with a scenario or with an error
// that says where; and a scenario that was accepted is written and read back equal.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/scenario/load.hpp"

namespace scenario = synscope::scenario;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The first line may be an override, as from the command line: "#!server.busy=0".
    std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<scenario::Override> overrides;
    if (text.substr(0, 2) == "#!") {
        const auto end = text.find('\n');
        if (auto change = scenario::parse_override(text.substr(2, end == text.npos ? end : end - 2)))
            overrides.push_back(*change);
    }
    const auto loaded = scenario::load_text(text, "fuzz.yaml", overrides);
    if (!loaded) {
        if (loaded.error().what.empty() || loaded.error().where.empty()) std::abort();
        return 0;
    }
    const auto again = scenario::load_text(scenario::to_yaml(*loaded), "again.yaml", {});
    if (!again || !(*again == *loaded)) std::abort();
    return 0;
}
