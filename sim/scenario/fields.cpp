#include "sim/scenario/fields.hpp"

#include <algorithm>
#include <numeric>

#include "net/base/text.hpp"
#include "sim/scenario/units.hpp"

namespace synscope::scenario {

std::string Source::where(Position at) const {
    if (at.override_number != 0) return concat("--set ", overrides[at.override_number - 1]);
    return concat(name, ':', at.line, ':', at.column);
}

void Source::fail(Position at, std::string what, std::string hint) const {
    throw Mistake{{std::move(what), where(at), std::move(hint)}};
}

namespace {

/// Edits (insert, delete, replace, swap of neighbours) between two short words.
std::size_t edits(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> now(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = std::min(now[j], before[j - 2] + 1);
        }
        before.swap(last);
        last.swap(now);
    }
    return last[b.size()];
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word, const std::vector<std::string_view>& known) {
    // Longer words are nobody's typing error, and the table above is quadratic.
    if (word.size() > 40) return {};
    std::optional<std::string_view> best;
    std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string_view candidate : known) {
        const std::size_t distance = edits(word, candidate);
        if (distance < least && distance < candidate.size()) {
            least = distance;
            best = candidate;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
    if (const auto near = nearest(word, known)) return concat("did you mean '", *near, "'?");
    std::string all = "known: ";
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (i > 0) all += ", ";
        all += known[i];
    }
    return all;
}

void Field::fail(std::string what, std::string hint) const {
    source_->fail(node_->at, std::move(what), std::move(hint));
}

void Field::wrong(std::string_view expected) const {
    std::string found;
    switch (node_->kind) {
        case YamlNode::Kind::Null:
            found = "nothing";
            break;
        case YamlNode::Kind::Scalar:
            found = concat('\'', std::string_view(node_->scalar).substr(0, 60), '\'');
            break;
        case YamlNode::Kind::List:
            found = "a list";
            break;
        case YamlNode::Kind::Map:
            found = "a map of keys";
            break;
    }
    fail(concat(path_.empty() ? "a scenario" : std::string_view(path_), " must be ", expected, ", not ",
                found));
}

const std::string& Field::scalar(std::string_view expected) const {
    if (node_->kind != YamlNode::Kind::Scalar) wrong(expected);
    return node_->scalar;
}

std::string Field::text() const {
    return scalar("text");
}

std::string Field::name() const {
    constexpr std::string_view kExpected =
        "a name of at most 32 letters, digits, '-', '_' and '.', starting with a letter or digit";
    const std::string& value = scalar(kExpected);
    const auto alphanumeric = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    const bool good = !value.empty() && value.size() <= 32 && alphanumeric(value.front()) &&
                      std::all_of(value.begin(), value.end(), [&](char c) {
                          return alphanumeric(c) || c == '-' || c == '_' || c == '.';
                      });
    if (!good) wrong(kExpected);
    return value;
}

bool Field::boolean() const {
    const std::string& value = scalar("true or false");
    if (node_->quoted || (value != "true" && value != "false")) wrong("true or false");
    return value == "true";
}

std::uint64_t Field::whole(std::uint64_t least, std::uint64_t most) const {
    const std::string expected = concat("a whole number from ", least, " to ", most);
    const auto value = parse_whole(scalar(expected), most);
    if (!value || *value < least || node_->quoted) wrong(expected);
    return *value;
}

Duration Field::duration() const {
    constexpr std::string_view kExpected = "a duration such as 30ms, 1.5s, 250us or 0, at most 24h";
    const auto value = parse_duration(scalar(kExpected));
    if (!value) wrong(kExpected);
    return *value;
}

std::uint64_t Field::size(std::uint64_t least, std::uint64_t most) const {
    const std::string expected = concat("a size from ", least, " to ", most, " bytes, such as 4096 or 64k");
    const auto value = parse_size(scalar(expected));
    if (!value || *value < least || *value > most) wrong(expected);
    return *value;
}

std::uint64_t Field::rate() const {
    constexpr std::string_view kExpected = "a rate such as 10mbit, 512kbit or 1gbit";
    const auto value = parse_rate(scalar(kExpected));
    if (!value) wrong(kExpected);
    return *value;
}

double Field::probability() const {
    constexpr std::string_view kExpected = "a share such as 3% or 0.03, from 0 to 1";
    const auto value = parse_probability(scalar(kExpected));
    if (!value) wrong(kExpected);
    return *value;
}

std::size_t Field::one_of(const std::vector<std::string_view>& words) const {
    std::string expected;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) expected += i + 1 == words.size() ? " or " : ", ";
        expected += words[i];
    }
    const auto found = std::find(words.begin(), words.end(), scalar(expected));
    if (found == words.end()) wrong(expected);
    return static_cast<std::size_t>(found - words.begin());
}

std::vector<Field> Field::list(std::size_t most) const {
    if (node_->kind != YamlNode::Kind::List) wrong("a list");
    if (node_->items.size() > most) fail(concat(path_, " has more than ", most, " entries"));
    std::vector<Field> fields;
    for (std::size_t i = 0; i < node_->items.size(); ++i)
        fields.emplace_back(*source_, node_->items[i], concat(path_, '.', i));
    return fields;
}

Fields::Fields(const Field& map, std::vector<std::string_view> known) : map_(map) {
    const std::string place = map.path().empty() ? std::string("a scenario") : map.path();
    if (map.node().kind != YamlNode::Kind::Map) map.fail(concat(place, " must be a map of keys"));
    for (const YamlEntry& entry : map.node().entries)
        if (std::find(known.begin(), known.end(), entry.key) == known.end())
            map.source().fail(entry.at, concat("unknown key '", entry.key, "' in ", place),
                              did_you_mean(entry.key, known));
}

std::optional<Field> Fields::get(std::string_view key) const {
    const YamlEntry* entry = map_.node().find(key);
    if (entry == nullptr) return {};
    return Field(map_.source(), entry->value,
                 map_.path().empty() ? std::string(key) : concat(map_.path(), '.', key));
}

Field Fields::require(std::string_view key) const {
    auto field = get(key);
    if (!field)
        map_.fail(concat("missing key '", key, "' in ", map_.path().empty() ? "a scenario" : map_.path()));
    return std::move(*field);
}

}  // namespace synscope::scenario
