#pragma once
// A display filter after its names and types were checked: what evaluate() walks. Thread rule: constant once
// compiled.

#include <utility>
#include <vector>

#include "capture/filter/field_table.hpp"
#include "capture/filter/filter_error.hpp"
#include "capture/filter/packet_facts.hpp"
#include "capture/filter/pattern.hpp"
#include "capture/filter/syntax.hpp"
#include "net/base/result.hpp"

namespace synscope::filter {

enum class StepKind : std::uint8_t {
    // Tests: true or false.
    Or,
    Xor,
    And,
    Not,
    Compare,
    Matches,
    Member,
    Exists,
    AnyBit,
    // Terms: no, one or several values.
    Field,
    Constant,
    Length,
    Count,
    Upper,
    Lower,
    Slice,
    Mask,
};

struct Step {
    StepKind kind = StepKind::Constant;
    Operator op = Operator::Equal;
    bool all = false;                                 ///< of Compare, Matches, Member
    Kind value = Kind::Label;                         ///< of terms
    std::uint8_t bits = 0;                            ///< of terms that are numbers: how large they can be
    const FieldRow* row = nullptr;                    ///< Field
    Value constant = {};                              ///< Constant
    std::size_t pattern = 0;                          ///< Matches: which of the program's
    std::vector<SliceRange> ranges = {};              ///< Slice
    std::vector<std::pair<Value, Value>> items = {};  ///< Member: first and last, inclusive
    std::vector<std::uint32_t> children = {};
};

struct Program {
    std::vector<Step> steps;
    std::uint32_t root = 0;  ///< meaningless without steps: such a program accepts everything
    std::vector<Pattern> patterns;
    Needs needs;
};

[[nodiscard]] Result<Program, FilterError> compile_program(const Syntax& syntax);
[[nodiscard]] bool evaluate(const Program& program, const PacketFacts& packet);
/// Adds the values that the field of `row` has in this packet.
void add_values(const FieldRow& row, const PacketFacts& packet, std::vector<Value>& out);

}  // namespace synscope::filter
