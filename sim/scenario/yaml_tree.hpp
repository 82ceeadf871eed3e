#pragma once
// A YAML document as a small tree that remembers where each key and value stands. The only user of yaml-cpp
// is behind this header.
//
// Unlike yaml-cpp's own nodes it keeps duplicate keys apart from each other (they are refused), tells "5"
// from 5, and refuses anchors, aliases and tags: a scenario needs none, and hostile files use them to grow.
// Thread rule: pure functions; nodes are values.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/result.hpp"

namespace synscope::scenario {

/// Where a node stands: a line and column of the file, from 1, or the override it came from (index from 1).
struct Position {
    int line = 0;
    int column = 0;
    std::size_t override_number = 0;
};

struct YamlEntry;

struct YamlNode {
    enum class Kind : std::uint8_t { Null, Scalar, List, Map };
    Kind kind = Kind::Null;
    Position at;
    std::string scalar;
    bool quoted = false;  ///< a quoted or block scalar: text, whatever it looks like
    std::vector<YamlNode> items;
    std::vector<YamlEntry> entries;

    [[nodiscard]] const YamlEntry* find(std::string_view key) const noexcept;
    [[nodiscard]] YamlEntry* find(std::string_view key) noexcept;
};

struct YamlEntry {
    std::string key;
    Position at;
    YamlNode value;
};

/// What is wrong with the text itself, and where.
struct YamlError {
    Position at;
    std::string what;
    std::string hint;
};

/// One document; an empty text is a Null node. Enforces the limits of load.hpp.
[[nodiscard]] Result<YamlNode, YamlError> parse_yaml(std::string_view text);

}  // namespace synscope::scenario
