#pragma once
// Reading a YAML tree against a schema: typed values, and every mistake told with its place.
//
// Within this folder a mistake is thrown as Mistake and caught in load.cpp: reading is a straight list of
// keys then. Nothing thrown here leaves the folder. Thread rule: values.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/instant.hpp"
#include "net/base/result.hpp"
#include "sim/scenario/yaml_tree.hpp"

namespace synscope::scenario {

struct Mistake {
    UserError error;
};

/// What the places in messages are called.
struct Source {
    std::string name;                    ///< "demo.yaml"
    std::vector<std::string> overrides;  ///< "server.busy=0"; a Position counts them from 1

    [[nodiscard]] std::string where(Position at) const;
    [[noreturn]] void fail(Position at, std::string what, std::string hint = {}) const;
};

/// The word of `known` that `word` most likely stands for, if any is near.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view word,
                                                      const std::vector<std::string_view>& known);
/// "did you mean 'busy'?", or the list of what there is.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known);

/// A node with its path ("server.busy", "clients.0.steps.2"), read as one type or another.
class Field {
  public:
    Field(const Source& source, const YamlNode& node, std::string path)
        : source_(&source), node_(&node), path_(std::move(path)) {}

    [[nodiscard]] const YamlNode& node() const noexcept { return *node_; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] const Source& source() const noexcept { return *source_; }
    [[noreturn]] void fail(std::string what, std::string hint = {}) const;

    [[nodiscard]] std::string text() const;
    /// A name that may become part of a file name, a host name or a marker: letters, digits, '-', '_' and
    /// '.', starting with a letter or digit, at most 32.
    [[nodiscard]] std::string name() const;
    [[nodiscard]] bool boolean() const;
    [[nodiscard]] std::uint64_t whole(std::uint64_t least, std::uint64_t most) const;
    [[nodiscard]] Duration duration() const;
    [[nodiscard]] std::uint64_t size(std::uint64_t least, std::uint64_t most) const;
    [[nodiscard]] std::uint64_t rate() const;
    [[nodiscard]] double probability() const;
    [[nodiscard]] std::size_t one_of(const std::vector<std::string_view>& words) const;
    /// Items of a list, at most `most`.
    [[nodiscard]] std::vector<Field> list(std::size_t most) const;

  private:
    [[noreturn]] void wrong(std::string_view expected) const;
    const std::string& scalar(std::string_view expected) const;

    const Source* source_;
    const YamlNode* node_;
    std::string path_;
};

/// A map whose keys are all known.
class Fields {
  public:
    Fields(const Field& map, std::vector<std::string_view> known);

    [[nodiscard]] std::optional<Field> get(std::string_view key) const;
    [[nodiscard]] Field require(std::string_view key) const;

  private:
    Field map_;
};

/// The key's value where it is there; else `value` stays.
template <class Value, class Read>
void read_key(const Fields& keys, std::string_view key, Value& value, Read read_field) {
    if (const auto field = keys.get(key)) value = read_field(*field);
}

}  // namespace synscope::scenario
