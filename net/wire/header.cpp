#include "net/wire/header.hpp"

namespace synscope::wire {

std::string_view header_error_text(HeaderError error) noexcept {
    switch (error) {
        case HeaderError::Truncated:
            return "cut short";
        case HeaderError::WrongVersion:
            return "wrong IP version";
        case HeaderError::HeaderLength:
            return "header length too small";
        case HeaderError::AddressSizes:
            return "unusual address sizes";
    }
    return "?";
}

}  // namespace synscope::wire
