#include <cstdio>
#include <cstring>

#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "ui/app/command.hpp"

namespace synscope::app {

int report(const UserError& error) {
    std::string text = "synscope: ";
    if (!error.where.empty()) append(text, concat(escaped(error.where, Medium::Terminal), ": "));
    append(text, concat(escaped(error.what, Medium::Terminal), '\n'));
    for (std::string_view rest = error.hint; !rest.empty();) {  // one way out a line
        const std::size_t end = rest.find('\n');
        append(text, concat("  ", escaped(rest.substr(0, end), Medium::Terminal), '\n'));
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
    std::fputs(text.c_str(), stderr);
    return kFailed;
}

UserError to_user_error(const OsError& error, std::string hint) {
    std::string what = error.operation;
    if (error.error != 0) append(what, concat(": ", std::strerror(error.error)));
    return {std::move(what), error.detail, std::move(hint)};
}

}  // namespace synscope::app
