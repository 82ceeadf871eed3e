#pragma once
// A display filter as a tree, before anything is known about its names. Nodes lie in one vector and name each
// other by index: no chain of owners, however deep the expression. Thread rule: values.

#include <cstdint>
#include <string>
#include <vector>

#include "capture/filter/value.hpp"

namespace synscope::filter {

enum class NodeKind : std::uint8_t {
    Or,
    Xor,
    And,
    Not,
    Compare,  ///< two children and `op`
    Member,   ///< the first child in the set of the others: pairs of first and last
    Word,     ///< a name or a bare value
    Text,     ///< a quoted value
    Number,   ///< a character's number
    Call,     ///< `text` is the function's name
    Slice,    ///< of its child
    Mask,     ///< child & child
};

enum class Operator : std::uint8_t {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Contains,
    Matches
};

struct Node {
    NodeKind kind = NodeKind::Word;
    Operator op = Operator::Equal;
    bool all = false;  ///< Compare, Member: every occurrence has to satisfy it, not just one
    std::size_t column = 0;
    std::size_t length = 0;
    std::string text;
    std::vector<SliceRange> ranges;
    std::vector<std::uint32_t> children;
};

struct Syntax {
    std::vector<Node> nodes;
    std::uint32_t root = 0;  ///< meaningless when there are no nodes: an empty filter
};

}  // namespace synscope::filter
