#include "capture/filter/parser.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "capture/filter/lexer.hpp"
#include "net/base/text.hpp"

namespace synscope::filter {
namespace {

using NodeId = std::uint32_t;
using Parsed = Result<NodeId, FilterError>;

struct OperatorRow {
    std::string_view sign;
    Operator op;
    bool all;
};
/// != holds when all occurrences differ (and there is one), === when all are equal, ~= when any differs.
constexpr OperatorRow kOperators[] = {
    {"==", Operator::Equal, false},          {"!=", Operator::NotEqual, true},
    {"===", Operator::Equal, true},          {"~=", Operator::NotEqual, false},
    {">", Operator::Greater, false},         {"<", Operator::Less, false},
    {">=", Operator::GreaterEqual, false},   {"<=", Operator::LessEqual, false},
    {"contains", Operator::Contains, false}, {"matches", Operator::Matches, false},
};

class Parser {
  public:
    explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    Result<Syntax, FilterError> run() {
        if (peek().kind == TokenKind::End) return std::move(syntax_);
        const Parsed root = either();
        if (!root) return failure(root.error());
        if (peek().kind != TokenKind::End) return failure(unexpected());
        syntax_.root = *root;
        return std::move(syntax_);
    }

  private:
    /// Counts how deep the parser is.
    class Deeper {
      public:
        explicit Deeper(int& depth) : depth_(depth) { ++depth_; }
        ~Deeper() { --depth_; }
        Deeper(const Deeper&) = delete;
        Deeper& operator=(const Deeper&) = delete;

      private:
        int& depth_;
    };

    const Token& peek() const { return tokens_[at_]; }
    bool sees(std::string_view sign) const { return peek().kind == TokenKind::Symbol && peek().text == sign; }
    bool take(std::string_view sign) {
        const bool there = sees(sign);
        if (there) ++at_;
        return there;
    }

    FilterError unexpected() const {
        const Token& token = peek();
        if (token.kind == TokenKind::End) return {token.column, 0, "the filter ends too early"};
        return {token.column, token.length,
                token.kind == TokenKind::Symbol || token.kind == TokenKind::Word
                    ? concat("\"", token.text, "\" was not expected here")
                    : std::string("this was not expected here")};
    }
    std::optional<FilterError> expect(std::string_view sign) {
        if (take(sign)) return std::nullopt;
        FilterError error = unexpected();
        append(error.message, concat("; ", sign, " is missing"));
        return error;
    }

    NodeId add(Node node) {
        syntax_.nodes.push_back(std::move(node));
        return static_cast<NodeId>(syntax_.nodes.size() - 1);
    }
    Node& at(NodeId id) { return syntax_.nodes[id]; }
    /// From the beginning of the first child to the end of the last token.
    NodeId join(NodeKind kind, std::vector<NodeId> children, Operator op = Operator::Equal,
                bool all = false) {
        Node node{kind, op, all, at(children.front()).column, 0, {}, {}, std::move(children)};
        node.length = tokens_[at_ - 1].column + tokens_[at_ - 1].length - node.column;
        return add(std::move(node));
    }

    // A chain "a || b || c" is one node: its depth does not grow with its length.
    template <class Inner>
    Parsed chain(NodeKind kind, std::string_view sign, Inner inner) {
        Parsed first = inner();
        if (!first || !sees(sign)) return first;
        std::vector<NodeId> children{*first};
        while (take(sign)) {
            const Parsed next = inner();
            if (!next) return next;
            children.push_back(*next);
        }
        return join(kind, std::move(children));
    }
    Parsed either() {
        return chain(NodeKind::Or, "||", [this] { return exclusive(); });
    }
    Parsed exclusive() {
        return chain(NodeKind::Xor, "^^", [this] { return both(); });
    }
    Parsed both() {
        return chain(NodeKind::And, "&&", [this] { return negation(); });
    }

    Parsed negation() {
        const Deeper deeper(depth_);
        if (depth_ > kMaxDepth)
            return failure(FilterError{peek().column, peek().length, "nested too deeply"});
        const std::size_t column = peek().column;
        if (take("!")) {
            const Parsed inner = negation();
            if (!inner) return inner;
            const NodeId id = join(NodeKind::Not, {*inner});
            at(id).length += at(id).column - column;
            at(id).column = column;
            return id;
        }
        if (!sees("(")) return comparison();
        // An opened bracket is a test in brackets: "(a) & b" is not among our expressions.
        ++at_;
        const Parsed inner = either();
        if (!inner) return inner;
        if (auto error = expect(")")) return failure(std::move(*error));
        return inner;
    }

    Parsed comparison() {
        const bool all = take("all");
        const bool any = !all && take("any");
        const Parsed left = mask();
        if (!left) return left;
        if (sees("!") && at_ + 1 < tokens_.size() && tokens_[at_ + 1].text == "in" &&
            tokens_[at_ + 1].kind == TokenKind::Symbol) {
            const std::size_t column = peek().column;
            at_ += 2;
            const Parsed member = membership(*left, all);
            if (!member) return member;
            const NodeId id = join(NodeKind::Not, {*member});
            (void)column;
            return id;
        }
        if (take("in")) return membership(*left, all);
        for (const OperatorRow& row : kOperators) {
            if (!take(row.sign)) continue;
            const Parsed right = mask();
            if (!right) return right;
            const bool every = all || (row.all && !any);
            const NodeId first = join(NodeKind::Compare, {*left, *right}, row.op, every);
            return relation_chain(first, *right, every);
        }
        if (all || any) return failure(unexpected());
        return left;
    }

    /// "a < b < c" is "a < b && b < c".
    Parsed relation_chain(NodeId first, NodeId middle, bool all) {
        std::vector<NodeId> relations{first};
        for (bool more = true; more;) {
            more = false;
            for (const OperatorRow& row : kOperators) {
                if (!take(row.sign)) continue;
                const Parsed right = mask();
                if (!right) return right;
                relations.push_back(join(NodeKind::Compare, {middle, *right}, row.op, all || row.all));
                middle = *right;
                more = true;
                break;
            }
        }
        return relations.size() == 1 ? first : join(NodeKind::And, std::move(relations));
    }

    Parsed membership(NodeId left, bool all) {
        if (auto error = expect("{")) return failure(std::move(*error));
        std::vector<NodeId> children{left};
        do {
            const Parsed first = primary();
            if (!first) return first;
            NodeId last = *first;
            if (take("..")) {
                const Parsed end = primary();
                if (!end) return end;
                last = *end;
            }
            children.push_back(*first);
            children.push_back(last);
        } while (take(","));
        if (auto error = expect("}")) return failure(std::move(*error));
        return join(NodeKind::Member, std::move(children), Operator::Equal, all);
    }

    Parsed mask() {
        Parsed left = primary();
        while (left && take("&")) {
            const Parsed right = primary();
            if (!right) return right;
            const Deeper deeper(depth_);
            // Masks of masks lean to the left and count as depth too.
            if (++masks_ > kMaxDepth)
                return failure(FilterError{at(*right).column, at(*right).length, "too many & in one filter"});
            left = join(NodeKind::Mask, {*left, *right});
        }
        return left;
    }

    Parsed primary() {
        const Token token = peek();
        NodeKind kind{};
        switch (token.kind) {
            case TokenKind::Word:
                kind = NodeKind::Word;
                break;
            case TokenKind::Text:
                kind = NodeKind::Text;
                break;
            case TokenKind::Character:
                kind = NodeKind::Number;
                break;
            case TokenKind::Symbol:
            case TokenKind::End:
                return failure(unexpected());
        }
        ++at_;
        if (kind == NodeKind::Word && sees("(")) return call(token);
        const NodeId id = add({kind, {}, false, token.column, token.length, token.text, {}, {}});
        return sees("[") ? slices(id) : Parsed(id);
    }

    Parsed call(const Token& name) {
        const Deeper deeper(depth_);
        if (depth_ > kMaxDepth) return failure(FilterError{name.column, name.length, "nested too deeply"});
        ++at_;
        std::vector<NodeId> arguments;
        if (!sees(")")) do {
                const Parsed argument = primary();
                if (!argument) return argument;
                arguments.push_back(*argument);
            } while (take(","));
        if (auto error = expect(")")) return failure(std::move(*error));
        const std::size_t end = tokens_[at_ - 1].column + 1;
        const NodeId id = add(
            {NodeKind::Call, {}, false, name.column, end - name.column, name.text, {}, std::move(arguments)});
        return sees("[") ? slices(id) : Parsed(id);
    }

    Parsed slices(NodeId of) {
        ++at_;
        std::vector<SliceRange> ranges;
        do {
            const auto range = slice();
            if (!range) return failure(range.error());
            ranges.push_back(*range);
            if (ranges.size() > kMaxSliceRanges)
                return failure(FilterError{peek().column, peek().length, "too many ranges in one slice"});
        } while (take(","));
        if (auto error = expect("]")) return failure(std::move(*error));
        const NodeId id = join(NodeKind::Slice, {of});
        at(id).ranges = std::move(ranges);
        return id;
    }

    /// "4", "0:3", ":3", "4:", "1-2".
    Result<SliceRange, FilterError> slice() {
        const Token& token = peek();
        if (token.kind != TokenKind::Word) return failure(unexpected());
        ++at_;
        const FilterError wrong{token.column, token.length,
                                concat("\"", token.text,
                                       "\" is no part of a slice: [offset], [offset:length], "
                                       "[first-last], [offset:] or [:length]")};
        std::string_view rest = token.text;
        SliceRange range;
        if (!rest.starts_with(':')) {
            const auto begin = number(rest);
            if (!begin) return failure(wrong);
            range.begin = *begin;
        }
        if (rest.empty()) {
            range.length = 1;
            return range;
        }
        const char how = rest.front();
        rest.remove_prefix(1);
        if (how == ':' && rest.empty() && token.text != ":") return range;
        const auto second = number(rest);
        if (!second || !rest.empty()) return failure(wrong);
        if (how == ':' && *second > 0) {
            range.length = static_cast<std::uint64_t>(*second);
        } else if (how == '-') {
            range.last = *second;
            const bool known = (range.begin < 0) == (*second < 0);
            if (known && *second < range.begin) return failure(wrong);
        } else {
            return failure(wrong);
        }
        return range;
    }

    static std::optional<std::int64_t> number(std::string_view& text) {
        std::int32_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{}) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        return value;
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    int depth_ = 0;
    int masks_ = 0;
    Syntax syntax_;
};

}  // namespace

Result<Syntax, FilterError> parse(std::string_view text) {
    auto tokens = tokens_of(text);
    if (!tokens) return failure(std::move(tokens).error());
    return Parser(*std::move(tokens)).run();
}

}  // namespace synscope::filter
