#include "sim/scenario/yaml_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>

#include "net/base/text.hpp"
#include "net/base/utf8.hpp"
#include "sim/scenario/load.hpp"

namespace synscope::scenario {

const YamlEntry* YamlNode::find(std::string_view key) const noexcept {
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&](const YamlEntry& e) { return e.key == key; });
    return found == entries.end() ? nullptr : &*found;
}

YamlEntry* YamlNode::find(std::string_view key) noexcept {
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&](const YamlEntry& e) { return e.key == key; });
    return found == entries.end() ? nullptr : &*found;
}

namespace {

Position position(const YAML::Mark& mark) {
    // yaml-cpp counts from 0 and uses -1 for "nowhere".
    return {std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1, 0};
}

/// Thrown through yaml-cpp's parser, which is built for that, and caught in parse_yaml.
struct Refused {
    YamlError error;
};

[[noreturn]] void refuse(Position at, std::string what, std::string hint = {}) {
    throw Refused{{at, std::move(what), std::move(hint)}};
}

class TreeBuilder final : public YAML::EventHandler {
  public:
    [[nodiscard]] YamlNode take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        check("?", anchor, mark);
        YamlNode node;
        node.at = position(mark);
        add(std::move(node));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        refuse(position(mark), "aliases are not used in scenarios", "write the value out");
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        check(tag, anchor, mark);
        YamlNode node;
        node.at = position(mark);
        node.kind = YamlNode::Kind::Scalar;
        node.scalar = value;
        node.quoted = tag == "!";
        if (!node.quoted && (value == "~" || value == "null")) node.kind = YamlNode::Kind::Null;
        add(std::move(node));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(YamlNode::Kind::List, mark, tag, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(YamlNode::Kind::Map, mark, tag, anchor);
    }
    void OnMapEnd() override { close(); }

  private:
    /// A map or list that is still being read; for a map, the key whose value comes next.
    struct Open {
        YamlNode node;
        std::optional<YamlEntry> pending;
    };

    static void check(const std::string& tag, YAML::anchor_t anchor, const YAML::Mark& mark) {
        if (anchor != 0) refuse(position(mark), "anchors are not used in scenarios", "write the value out");
        if (!tag.empty() && tag != "?" && tag != "!")
            refuse(position(mark), concat("tag '", tag, "' is not used in scenarios"));
    }

    void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
        check(tag, anchor, mark);
        if (stack_.size() >= static_cast<std::size_t>(kMaxDepth))
            refuse(position(mark), concat("nested deeper than ", kMaxDepth, " levels"));
        if (!stack_.empty() && stack_.back().node.kind == YamlNode::Kind::Map && !stack_.back().pending)
            refuse(position(mark), "a key must be a plain word", "is a bracket left open?");
        Open opened;
        opened.node.kind = kind;
        opened.node.at = position(mark);
        stack_.push_back(std::move(opened));
    }

    void close() {
        YamlNode node = std::move(stack_.back().node);
        stack_.pop_back();
        add(std::move(node));
    }

    void add(YamlNode node) {
        if (stack_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = stack_.back();
        if (parent.node.kind == YamlNode::Kind::List) {
            parent.node.items.push_back(std::move(node));
        } else if (parent.pending) {
            parent.pending->value = std::move(node);
            parent.node.entries.push_back(std::move(*parent.pending));
            parent.pending.reset();
        } else {
            begin_entry(parent, std::move(node));
        }
    }

    static void begin_entry(Open& parent, YamlNode key) {
        if (key.kind != YamlNode::Kind::Scalar || key.scalar.empty())
            refuse(key.at, "a key must be a plain word", "is a bracket left open?");
        if (const YamlEntry* first = parent.node.find(key.scalar))
            refuse(key.at, concat("key '", key.scalar, "' is given twice"),
                   concat("it is already on line ", first->at.line));
        parent.pending = YamlEntry{std::move(key.scalar), key.at, {}};
    }

    YamlNode root_;
    std::vector<Open> stack_;
};

/// YAML forbids other control characters, and yaml-cpp takes some of them for the end of the text.
std::optional<YamlError> bad_character(std::string_view text) {
    Position at{1, 1, 0};
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const std::size_t length = utf8_sequence(text, i);
        if (length == 0) return YamlError{at, "not valid UTF-8", "save the file as UTF-8"};
        if ((byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7f)
            return YamlError{at, concat("control character 0x", Hex{byte, 2}),
                             "inside double quotes write it as \\x and two digits"};
        at.column = byte == '\n' ? 1 : at.column + static_cast<int>(length);
        at.line += byte == '\n' ? 1 : 0;
        i += length;
    }
    return {};
}

}  // namespace

Result<YamlNode, YamlError> parse_yaml(std::string_view text) {
    if (text.size() > kMaxFileBytes)
        return failure(YamlError{{1, 1, 0}, concat("larger than ", kMaxFileBytes, " bytes"), {}});
    if (auto bad = bad_character(text)) return failure(std::move(*bad));
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        TreeBuilder builder;
        if (!parser.HandleNextDocument(builder)) return YamlNode{};
        YamlNode root = builder.take();
        TreeBuilder second;
        if (parser.HandleNextDocument(second))
            return failure(
                YamlError{second.take().at, "a second document", "a scenario is one YAML document"});
        return root;
    } catch (const Refused& refused) {
        return failure(YamlError(refused.error));
    } catch (const YAML::Exception& error) {
        return failure(YamlError{position(error.mark), concat("not valid YAML: ", error.msg), {}});
    }
}

}  // namespace synscope::scenario
