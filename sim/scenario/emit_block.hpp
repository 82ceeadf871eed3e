#pragma once
// Writing YAML: lines of a block mapping. Thread rule: values.

#include <string>
#include <string_view>

#include "net/base/text.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/scenario/units.hpp"

namespace synscope::scenario {

/// A YAML double-quoted scalar (YAML 1.2 section 5.7).
inline std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            append(out, "\\x");
            append(out, Hex{byte, 2});
        } else {
            out += c;
        }
    }
    out += '"';
    return out;
}

/// Lines of a block mapping at one indentation.
class Block {
  public:
    Block(std::string& out, int depth) : out_(out), indent_(static_cast<std::size_t>(depth) * 2, ' ') {}

    /// The next key opens a list entry: "- key: value".
    void begin_item() { first_ = true; }
    void raw(std::string_view key, std::string_view value) {
        std::string margin = indent_;
        if (first_) margin.replace(margin.size() - 2, 2, "- ");
        first_ = false;
        append(out_, margin);
        append(out_, key);
        append(out_, value.empty() ? ":" : ": ");
        append(out_, value);
        append(out_, '\n');
    }
    void text(std::string_view key, std::string_view value) { raw(key, quoted(value)); }
    template <class Int>
    void number(std::string_view key, Int value) {
        raw(key, concat(value));
    }
    void boolean(std::string_view key, bool value) { raw(key, value ? "true" : "false"); }
    void duration(std::string_view key, Duration value) { raw(key, duration_yaml(value)); }
    void translated(std::string_view key, const Translated& texts) {
        if (texts.empty()) return;
        std::string map = "{";
        for (const auto& [language, value] : texts) {
            if (map.size() > 1) map += ", ";
            map += concat(quoted(language), ": ", quoted(value));
        }
        raw(key, map + "}");
    }

  private:
    std::string& out_;
    std::string indent_;
    bool first_ = false;
};

void emit_hosts(std::string& out, const std::vector<Host>& hosts);
void emit_link(std::string& out, const Link& link);
void emit_network(std::string& out, const Network& network);

}  // namespace synscope::scenario
