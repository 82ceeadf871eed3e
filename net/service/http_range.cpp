#include "net/service/http_range.hpp"

#include <algorithm>
#include <optional>

#include "net/base/text.hpp"

namespace synscope::service {

namespace {

using framing::HttpField;
using framing::HttpHead;
using framing::whole_number;

/// A range of another version of the file is worth nothing (section 13.1.5).
bool range_holds(const HttpHead& head, const Validators& file) {
    const HttpField* condition = head.find("if-range");
    if (condition == nullptr || condition->value == file.etag) return true;
    const auto date = parse_http_date(condition->value);
    return date && date == file.modified_s;
}

/// The bytes that "3-5", "3-" or "-2" means; empty when the file ends before them, nothing when it cannot be
/// read (section 14.1.2).
std::optional<ByteRange> range_of(std::string_view text, std::uint64_t size) {
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const std::string_view first_text = text.substr(0, dash);
    const std::string_view last_text = text.substr(dash + 1);
    const auto first = whole_number(first_text);
    const auto last = whole_number(last_text);
    if ((!first && !first_text.empty()) || (!last && !last_text.empty()) || (!first && !last))
        return std::nullopt;
    if (!first) return ByteRange{size - std::min(size, *last), size};  // the last so many bytes
    if (last && *last < *first) return std::nullopt;
    if (*first >= size) return ByteRange{};
    return ByteRange{*first, !last || *last >= size ? size : *last + 1};
}

std::string_view without_blanks(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool overlap(std::vector<ByteRange> parts) {
    std::sort(parts.begin(), parts.end(),
              [](const ByteRange& a, const ByteRange& b) { return a.begin < b.begin; });
    for (std::size_t i = 1; i < parts.size(); ++i)
        if (parts[i].begin < parts[i - 1].end) return true;
    return false;
}

}  // namespace

WantedRanges wanted_ranges(const HttpHead& head, const Validators& file, std::uint64_t size) {
    const HttpField* field = head.find("range");
    if (field == nullptr || head.count("range") > 1 || !range_holds(head, file)) return {};
    std::string_view list = field->value;
    if (!same_word(list.substr(0, 6), "bytes=")) return {};
    list.remove_prefix(6);
    WantedRanges out{RangeKind::Parts, {}};
    std::size_t asked = 0;
    while (!list.empty()) {
        const std::string_view one = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), one.size() + 1));
        const std::string_view text = without_blanks(one);
        if (text.empty()) continue;  // section 5.6.1.2: a list may have empty elements
        const auto range = range_of(text, size);
        if (!range || ++asked > kMostRanges) return {};
        if (range->size() > 0) out.parts.push_back(*range);
    }
    if (asked == 0 || overlap(out.parts)) return {};
    if (out.parts.empty()) out.kind = RangeKind::Unsatisfiable;
    return out;
}

std::string content_range(ByteRange part, std::uint64_t size) {
    return concat("bytes ", part.begin, '-', part.end - 1, '/', size);
}

Multipart::Multipart(const Validators& file, std::string_view content_type, std::uint64_t size)
    : boundary_(concat("synscope-", std::string_view{file.etag}.substr(1, file.etag.size() - 2))),
      content_type_(content_type),
      size_(size) {}

std::string Multipart::content_type() const {
    return concat("multipart/byteranges; boundary=", boundary_);
}

std::string Multipart::head(ByteRange part, bool first) const {
    return concat(first ? "--" : "\r\n--", boundary_, "\r\nContent-Type: ", content_type_,
                  "\r\nContent-Range: ", content_range(part, size_), "\r\n\r\n");
}

std::string Multipart::end() const {
    return concat("\r\n--", boundary_, "--\r\n");
}

std::uint64_t Multipart::length(const std::vector<ByteRange>& parts) const {
    std::uint64_t out = end().size();
    for (const ByteRange& part : parts)
        out += head(part, &part == &parts.front()).size() + part.size();
    return out;
}

}  // namespace synscope::service
