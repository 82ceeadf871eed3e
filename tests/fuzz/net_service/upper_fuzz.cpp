// However a stream is cut, `upper` answers the same bytes in all, as many as it got, and none of them a small
// letter.
#include <algorithm>
#include <cstdlib>

#include "net/service/service.hpp"

namespace {

using namespace synscope;
using namespace synscope::service;

void ask(Session& session, ByteSpan message, std::vector<std::byte>& answers) {
    Effects effects;
    session.on_message(message, effects);
    for (const Effect& effect : effects.list()) {
        const ByteSpan bytes = effects.bytes(std::get<Reply>(effect).bytes);
        answers.insert(answers.end(), bytes.begin(), bytes.end());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteSpan stream = std::as_bytes(std::span{data, size});
    const auto service = make_upper();
    const auto session = service->open(ConnectionKey{1}, {});
    std::vector<std::byte> whole;
    ask(*session, stream, whole);
    std::vector<std::byte> cut;
    const std::size_t step = size == 0 ? 1 : 1 + data[0] % 7;
    for (std::size_t at = 0; at < size; at += step)
        ask(*session, stream.subspan(at, std::min(step, size - at)), cut);
    if (whole != cut || whole.size() != size) std::abort();
    for (std::size_t i = 0; i < size; ++i) {
        const bool small = data[i] >= 'a' && data[i] <= 'z';
        if (std::to_integer<int>(whole[i]) != (small ? data[i] - 32 : data[i])) std::abort();
    }
    return 0;
}
