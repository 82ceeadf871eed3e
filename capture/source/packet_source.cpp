#include "capture/source/packet_source.hpp"

#include "net/base/escape.hpp"
#include "net/base/text.hpp"

namespace synscope::source {

std::string error_line(std::string_view program, const UserError& error) {
    std::string line = concat(program, ": ", escaped(error.what, Medium::Terminal));
    if (!error.where.empty()) line += concat(": ", escaped(error.where, Medium::Terminal));
    if (!error.hint.empty()) line += concat("; ", escaped(error.hint, Medium::Terminal));
    return line;
}

}  // namespace synscope::source
