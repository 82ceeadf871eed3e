#pragma once
// Comments that people wrote into a capture, as a summary shows them: the first ones, and how many there are.
// Thread rule: values.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace synscope::trace {

struct Remark {
    std::uint64_t packet = 0;  ///< its number, from 1; 0 for a comment on the section
    std::uint64_t bytes = 0;   ///< of the whole text
    std::string text;          ///< its beginning, not escaped
};

struct Remarks {
    static constexpr std::size_t kMost = 10;
    static constexpr std::size_t kMostBytes = 400;

    std::vector<Remark> first;
    std::uint64_t count = 0;

    void add(std::uint64_t packet, std::string_view text) {
        if (count++ < kMost) first.push_back({packet, text.size(), std::string{text.substr(0, kMostBytes)}});
    }
};

}  // namespace synscope::trace
