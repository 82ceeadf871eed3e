// Names in the table: found, or the one most alike.

#include <algorithm>
#include <vector>

#include "capture/filter/field_table.hpp"

namespace synscope::filter {
namespace {

/// How many letters have to be changed, added or left out to make `a` of `b`.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

}  // namespace

const FieldRow* find_row(std::string_view name) noexcept {
    const auto rows = field_rows();
    const auto found = std::lower_bound(rows.begin(), rows.end(), name,
                                        [](const FieldRow& row, std::string_view n) { return row.name < n; });
    return found != rows.end() && found->name == name ? &*found : nullptr;
}

std::optional<std::string_view> nearest_name(std::string_view name) {
    constexpr std::size_t kLongest = 64;  // no name is longer: what is, resembles none
    if (name.size() > kLongest) return std::nullopt;
    std::optional<std::string_view> nearest;
    std::size_t least = name.size() / 3 + 1;
    for (const FieldRow& row : field_rows()) {
        const std::size_t apart = distance(name, row.name);
        if (apart >= least) continue;
        least = apart;
        nearest = row.name;
    }
    return nearest;
}

}  // namespace synscope::filter
