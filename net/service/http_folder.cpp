#include "net/service/http_folder.hpp"

#include "net/base/escape.hpp"
#include "net/base/text.hpp"

namespace synscope::service {

namespace {

/// A name as one segment of a relative link: whatever could end it, or be read as a scheme, is encoded (RFC
/// 3986 section 2.3).
std::string segment(std::string_view name) {
    constexpr std::string_view kPlain{"-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"};
    constexpr std::string_view kDigits{"0123456789ABCDEF"};
    std::string out;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (kPlain.find(c) != std::string_view::npos) {
            out.push_back(c);
        } else {
            out.push_back('%');
            out.push_back(kDigits[byte >> 4]);
            out.push_back(kDigits[byte & 15]);
        }
    }
    return out;
}

void add_entry(std::string& page, const FolderEntry& entry) {
    const std::string_view slash = entry.is_folder ? "/" : "";
    append(page, concat("<li><a href=\"", segment(entry.name), slash, "\">",
                        escaped(entry.name, Medium::Markup), slash, "</a>"));
    if (!entry.is_folder) append(page, concat(" ", entry.size, entry.size == 1 ? " byte" : " bytes"));
    append(page, "</li>\n");
}

}  // namespace

std::string folder_page(std::string_view path, const FolderListed& folder) {
    const std::string title = concat("/", escaped(path, Medium::Markup));
    std::string page = concat("<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>",
                              title, "</title></head>\n<body>\n<h1>", title, "</h1>\n<ul>\n");
    if (!path.empty()) append(page, "<li><a href=\"../\">../</a></li>\n");
    bool more = folder.more;
    for (const FolderEntry& entry : folder.entries) {
        more = more || page.size() > kMostPageBytes;
        if (page.size() > kMostPageBytes) break;
        add_entry(page, entry);
    }
    append(page, "</ul>\n");
    if (more) append(page, "<p>There is more here than this page shows.</p>\n");
    append(page, "</body>\n</html>\n");
    return page;
}

}  // namespace synscope::service
