#include "net/host/errors.hpp"

#include <cctype>
#include <system_error>

namespace synscope::host {

std::string errno_words(int error) {
    std::string words = std::generic_category().message(error);
    if (words.size() > 1 && std::islower(static_cast<unsigned char>(words[1])) != 0)
        words[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(words[0])));
    return words;
}

}  // namespace synscope::host
