#include <algorithm>
#include <utility>

#include "capture/filter/program.hpp"

namespace synscope::filter {
namespace {

using Values = std::vector<Value>;

bool holds(Operator op, const Value& a, const Value& b) {
    switch (op) {
        case Operator::Equal:
            return compare(a, b) == 0;
        case Operator::NotEqual:
            return compare(a, b) != 0;
        case Operator::Greater:
            return compare(a, b) > 0;
        case Operator::Less:
            return compare(a, b) < 0;
        case Operator::GreaterEqual:
            return compare(a, b) >= 0;
        case Operator::LessEqual:
            return compare(a, b) <= 0;
        case Operator::Contains:
            return a.bytes.find(b.bytes) != std::string::npos;
        case Operator::Matches:
            break;
    }
    return false;
}

/// Whether one value (or, with `all`, every value) passes; no values, no.
template <class Test>
bool over(const Values& values, bool all, Test test) {
    if (values.empty()) return false;
    return all ? std::all_of(values.begin(), values.end(), test)
               : std::any_of(values.begin(), values.end(), test);
}

std::string changed_case(std::string text, bool upper) {
    const char from = upper ? 'a' : 'A';
    for (char& c : text)
        if (c >= from && c <= from + 25) c = static_cast<char>(c + (upper ? 'A' - 'a' : 'a' - 'A'));
    return text;
}

std::uint64_t length_of(const Value& value, std::uint8_t bits) {
    if (value.kind == Kind::Protocol) return value.own_size;
    if (is_number(value.kind)) return bits / 8u;
    if (value.kind == Kind::Boolean || value.kind == Kind::Time) return 8;
    return value.bytes.size();
}

/// Adds the bytes of one range; false when they are not all there.
bool add_range(std::string_view bytes, const SliceRange& range, std::string& out) {
    const auto size = static_cast<std::int64_t>(bytes.size());
    const auto from_start = [size](std::int64_t at) { return at < 0 ? size + at : at; };
    const std::int64_t begin = from_start(range.begin);
    std::int64_t end = size;
    if (range.last)
        end = from_start(*range.last) + 1;
    else if (range.length)
        end = begin + static_cast<std::int64_t>(*range.length);
    if (begin < 0 || begin >= size || end <= begin || end > size) return false;
    out.append(bytes.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
    return true;
}

class Evaluation {
  public:
    Evaluation(const Program& program, const PacketFacts& packet) : program_(program), packet_(packet) {}

    bool test(std::uint32_t id) const {
        const Step& s = program_.steps[id];
        const auto passes = [this](std::uint32_t child) { return test(child); };
        switch (s.kind) {
            case StepKind::Or:
                return std::any_of(s.children.begin(), s.children.end(), passes);
            case StepKind::And:
                return std::all_of(s.children.begin(), s.children.end(), passes);
            case StepKind::Xor:
                return std::count_if(s.children.begin(), s.children.end(), passes) % 2 != 0;
            case StepKind::Not:
                return !test(s.children[0]);
            case StepKind::Compare:
                return compares(s);
            case StepKind::Matches:
                return over(values(s.children[0]), s.all, [&](const Value& value) {
                    return program_.patterns[s.pattern].search(value.bytes);
                });
            case StepKind::Member:
                return over(values(s.children[0]), s.all, [&](const Value& value) {
                    return std::any_of(s.items.begin(), s.items.end(), [&](const auto& item) {
                        return compare(value, item.first) >= 0 && compare(value, item.second) <= 0;
                    });
                });
            case StepKind::Exists:
                return !values(s.children[0]).empty();
            case StepKind::AnyBit:
                return over(values(s.children[0]), false, any_bit);
            default:
                return false;  // terms are no tests; the compiler puts none here
        }
    }

  private:
    bool compares(const Step& s) const {
        const Values left = values(s.children[0]);
        if (left.empty()) return false;
        if (const Step& right = program_.steps[s.children[1]]; right.kind == StepKind::Constant)
            return over(left, s.all, [&](const Value& value) { return holds(s.op, value, right.constant); });
        const Values right = values(s.children[1]);
        return over(left, s.all, [&](const Value& a) {
            return over(right, s.all, [&](const Value& b) { return holds(s.op, a, b); });
        });
    }

    Values values(std::uint32_t id) const {
        const Step& s = program_.steps[id];
        if (s.kind == StepKind::Constant) return {s.constant};
        Values out;
        if (s.kind == StepKind::Field) {
            add_values(*s.row, packet_, out);
            return out;
        }
        const Values of = values(s.children[0]);
        if (s.kind == StepKind::Count) {
            if (!of.empty()) out.push_back(Value::of_number(Kind::Unsigned, of.size()));
        } else if (s.kind == StepKind::Mask) {
            const Values masks = values(s.children[1]);
            for (const Value& value : of)
                for (const Value& mask : masks)
                    out.push_back(masked(value, mask));
        } else {
            for (const Value& value : of)
                add_changed(s, value, out);
        }
        return out;
    }

    void add_changed(const Step& s, const Value& value, Values& out) const {
        if (s.kind == StepKind::Length) {
            const std::uint8_t bits = program_.steps[s.children[0]].bits;
            out.push_back(Value::of_number(Kind::Unsigned, length_of(value, bits)));
        } else if (s.kind == StepKind::Slice) {
            std::string bytes;
            for (const SliceRange& range : s.ranges)
                if (!add_range(value.bytes, range, bytes)) return;
            out.push_back(Value::of_bytes(Kind::Bytes, std::move(bytes)));
        } else {
            out.push_back(Value::of_bytes(Kind::Text, changed_case(value.bytes, s.kind == StepKind::Upper)));
        }
    }

    const Program& program_;
    const PacketFacts& packet_;
};

}  // namespace

bool evaluate(const Program& program, const PacketFacts& packet) {
    return program.steps.empty() || Evaluation(program, packet).test(program.root);
}

}  // namespace synscope::filter
