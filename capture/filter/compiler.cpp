#include <array>
#include <optional>

#include "capture/filter/literal.hpp"
#include "capture/filter/program.hpp"
#include "net/base/text.hpp"

namespace synscope::filter {
namespace {

using StepId = std::uint32_t;
using Compiled = Result<StepId, FilterError>;

std::string_view sign_of(Operator op) {
    constexpr std::array<std::string_view, 8> kSigns{"==", "!=", ">", "<", ">=", "<=", "contains", "matches"};
    return kSigns[static_cast<std::size_t>(op)];
}

Spelling spelling_of(NodeKind kind) {
    return kind == NodeKind::Text     ? Spelling::Quoted
           : kind == NodeKind::Number ? Spelling::Character
                                      : Spelling::Bare;
}

/// A shared suffix of messages about a name that is in no table.
std::string suggestion(std::string_view word) {
    const auto near = nearest_name(word);
    return near ? concat("; did you mean ", *near, "?") : std::string();
}

class Compiler {
  public:
    explicit Compiler(const Syntax& syntax) : syntax_(syntax) {}

    Result<Program, FilterError> run() {
        if (syntax_.nodes.empty()) return std::move(program_);
        const Compiled root = test(syntax_.root);
        if (!root) return failure(root.error());
        program_.root = *root;
        return std::move(program_);
    }

  private:
    const Node& node(std::uint32_t id) const { return syntax_.nodes[id]; }
    const Step& step(StepId id) const { return program_.steps[id]; }
    StepId add(Step step) {
        program_.steps.push_back(std::move(step));
        return static_cast<StepId>(program_.steps.size() - 1);
    }
    static auto fail(const Node& at, std::string message) {
        return failure(FilterError{at.column, at.length, std::move(message)});
    }
    std::string quoted(const Node& at) const { return concat("\"", at.text, '"'); }

    bool is_literal(const Node& n) const {
        return n.kind == NodeKind::Text || n.kind == NodeKind::Number ||
               (n.kind == NodeKind::Word && find_row(n.text) == nullptr);
    }

    Compiled test(std::uint32_t id) {
        const Node& n = node(id);
        switch (n.kind) {
            case NodeKind::Or:
                return logic(StepKind::Or, n);
            case NodeKind::Xor:
                return logic(StepKind::Xor, n);
            case NodeKind::And:
                return logic(StepKind::And, n);
            case NodeKind::Not:
                return logic(StepKind::Not, n);
            case NodeKind::Compare:
                return n.op == Operator::Matches ? matches(n) : comparison(n);
            case NodeKind::Member:
                return member(n);
            case NodeKind::Word:
            case NodeKind::Slice:
                return presence(StepKind::Exists, id);
            case NodeKind::Mask:
                return presence(StepKind::AnyBit, id);
            case NodeKind::Call:
                return fail(n, "a function gives a value, which has to be compared with another");
            case NodeKind::Text:
            case NodeKind::Number:
                break;
        }
        return fail(n, "a value alone is no test; compare a field with it");
    }

    Compiled logic(StepKind kind, const Node& n) {
        Step step{kind};
        for (const std::uint32_t child : n.children) {
            const Compiled part = test(child);
            if (!part) return part;
            step.children.push_back(*part);
        }
        return add(std::move(step));
    }

    Compiled presence(StepKind kind, std::uint32_t id) {
        const Compiled operand = term(id);
        if (!operand) return operand;
        Step step{kind};
        step.children = {*operand};
        return add(std::move(step));
    }

    /// The left side of `n`, which the right side's literals are read for.
    Compiled left_of(const Node& n) {
        const Node& left = node(n.children.front());
        if (left.kind == NodeKind::Text || left.kind == NodeKind::Number)
            return fail(left, "on the left stands a field or a function, not a value");
        const Compiled operand = term(n.children.front());
        if (!operand) return operand;
        if (step(*operand).value == Kind::Label)
            return fail(left, "this is a label without a value; alone it asks whether it is there");
        return operand;
    }

    Compiled comparison(const Node& n) {
        const Compiled left = left_of(n);
        if (!left) return left;
        const Kind kind = step(*left).value;
        if (n.op == Operator::Contains && !is_bytes(kind) && kind != Kind::Text)
            return fail(node(n.children[0]),
                        concat("contains looks into bytes and texts; this is ", name(kind)));
        // What a MAC address contains need not be a whole one.
        const Kind wanted = n.op == Operator::Contains && kind == Kind::Mac ? Kind::Bytes : kind;
        const Compiled right = operand_for(n.children[1], wanted, step(*left).bits);
        if (!right) return right;
        if (!comparable(kind, step(*right).value))
            return fail(node(n.children[1]),
                        concat("this is ", name(step(*right).value), " and cannot be compared (",
                               sign_of(n.op), ") with ", name(kind)));
        Step out{StepKind::Compare, n.op, n.all};
        out.children = {*left, *right};
        return add(std::move(out));
    }

    Compiled matches(const Node& n) {
        const Compiled left = left_of(n);
        if (!left) return left;
        const Kind kind = step(*left).value;
        if (!is_bytes(kind) && kind != Kind::Text)
            return fail(node(n.children[0]),
                        concat("matches looks into bytes and texts; this is ", name(kind)));
        const Node& right = node(n.children[1]);
        if (right.kind != NodeKind::Text) return fail(right, "matches wants a regular expression in quotes");
        auto pattern = Pattern::compile(right.text);
        if (!pattern) return fail(right, pattern.error().message);
        Step out{StepKind::Matches, n.op, n.all};
        out.pattern = program_.patterns.size();
        out.children = {*left};
        program_.patterns.push_back(*std::move(pattern));
        return add(std::move(out));
    }

    Compiled member(const Node& n) {
        const Compiled left = left_of(n);
        if (!left) return left;
        Step out{StepKind::Member, Operator::Equal, n.all};
        out.children = {*left};
        for (std::size_t i = 1; i + 1 < n.children.size(); i += 2) {
            const auto first = constant(n.children[i], step(*left).value, step(*left).bits);
            if (!first) return failure(first.error());
            const auto last = constant(n.children[i + 1], step(*left).value, step(*left).bits);
            if (!last) return failure(last.error());
            if (n.children[i] != n.children[i + 1] && compare(*last, *first) < 0)
                return fail(node(n.children[i + 1]), "this range ends before it begins");
            out.items.emplace_back(*first, *last);
        }
        return add(std::move(out));
    }

    Result<Value, FilterError> constant(std::uint32_t id, Kind kind, unsigned bits) {
        const Node& n = node(id);
        if (!is_literal(n)) return fail(n, "a set holds values, not fields");
        auto value = literal(n.text, spelling_of(n.kind), kind, bits);
        if (!value) {
            const bool word = n.kind == NodeKind::Word && n.text.find('.') != std::string::npos;
            return fail(n, concat(value.error(), word ? suggestion(n.text) : ""));
        }
        return *std::move(value);
    }

    /// The right side: a field, or a value of the left side's kind.
    Compiled operand_for(std::uint32_t id, Kind kind, unsigned bits) {
        if (!is_literal(node(id))) return term(id);
        auto value = constant(id, kind, bits);
        if (!value) return failure(std::move(value).error());
        Step out{StepKind::Constant};
        out.value = value->kind;
        out.constant = *std::move(value);
        return add(std::move(out));
    }

    Compiled term(std::uint32_t id) {
        const Node& n = node(id);
        switch (n.kind) {
            case NodeKind::Word:
                return field(n);
            case NodeKind::Call:
                return call(n);
            case NodeKind::Slice:
                return slice(n);
            case NodeKind::Mask:
                return mask(n);
            default:
                return fail(n, "a field or a function is wanted here");
        }
    }

    Compiled field(const Node& n) {
        const FieldRow* row = find_row(n.text);
        if (row == nullptr)
            return fail(n, concat(quoted(n), " is neither a field nor a protocol", suggestion(n.text)));
        switch (row->origin) {
            case Origin::Connection:
                program_.needs.connection = true;
                [[fallthrough]];
            case Origin::Analysis:
                program_.needs.analysis = true;
                break;
            case Origin::Layer:
            case Origin::Field:
            case Origin::Either:
            case Origin::Payload:
                program_.needs.dissection = true;
                break;
            case Origin::Frame:
                program_.needs.dissection = program_.needs.dissection || row->name == "frame.protocols";
                break;
        }
        Step out{StepKind::Field};
        out.value = row->kind;
        out.bits = row->bits;
        out.row = row;
        return add(std::move(out));
    }

    Compiled call(const Node& n) {
        static constexpr std::pair<std::string_view, StepKind> kFunctions[] = {
            {"len", StepKind::Length},
            {"count", StepKind::Count},
            {"upper", StepKind::Upper},
            {"lower", StepKind::Lower},
        };
        for (const auto& [function, kind] : kFunctions) {
            if (n.text != function) continue;
            if (n.children.size() != 1) return fail(n, concat(function, "() takes one field"));
            const Compiled argument = term(n.children[0]);
            if (!argument) return argument;
            const Node& inner = node(n.children[0]);
            const Step& of = step(*argument);
            const bool changes_case = kind == StepKind::Upper || kind == StepKind::Lower;
            if (changes_case && of.value != Kind::Text)
                return fail(inner, concat(function, "() takes a text; this is ", name(of.value)));
            if (kind == StepKind::Length && of.value == Kind::Label)
                return fail(inner, "this is a label without a value, and has no length");
            if (kind == StepKind::Count && of.kind != StepKind::Field)
                return fail(inner, "count() takes a field");
            Step out{kind};
            out.value = changes_case ? Kind::Text : Kind::Unsigned;
            out.bits = 32;
            out.children = {*argument};
            return add(std::move(out));
        }
        return fail(n, concat("there is no function ", n.text, "(); there are len, count, upper and lower"));
    }

    Compiled slice(const Node& n) {
        const Compiled of = term(n.children[0]);
        if (!of) return of;
        const Kind kind = step(*of).value;
        if (!is_bytes(kind) && !is_address(kind) && kind != Kind::Text)
            return fail(node(n.children[0]),
                        concat("this is ", name(kind), " and cannot be sliced into bytes"));
        Step out{StepKind::Slice};
        out.value = Kind::Bytes;
        out.ranges = n.ranges;
        out.children = {*of};
        return add(std::move(out));
    }

    Compiled mask(const Node& n) {
        const Compiled left = left_of(n);
        if (!left) return left;
        const Kind kind = step(*left).value;
        const bool maskable = is_number(kind) || is_address(kind) || kind == Kind::Bytes || kind == Kind::Mac;
        if (!maskable)
            return fail(node(n.children[0]), concat("& works on the bits of numbers, addresses and "
                                                    "bytes; this is ",
                                                    name(kind)));
        const Compiled right = operand_for(n.children[1], kind, step(*left).bits);
        if (!right) return right;
        if (!comparable(kind, step(*right).value))
            return fail(node(n.children[1]),
                        concat("this is ", name(step(*right).value), " and no mask for ", name(kind)));
        Step out{StepKind::Mask};
        out.value = kind;
        out.bits = step(*left).bits;
        out.children = {*left, *right};
        return add(std::move(out));
    }

    const Syntax& syntax_;
    Program program_;
};

}  // namespace

Result<Program, FilterError> compile_program(const Syntax& syntax) {
    return Compiler(syntax).run();
}

}  // namespace synscope::filter
