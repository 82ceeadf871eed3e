// Framing `len32`: struct.pack("i", len(body)) + body, the first thing every socket course teaches after
// `recv` returned two messages as one. The length is signed, so a negative one can be written, and is
// refused. And `len32be`: the same in network byte order, unsigned, as protocols that are not one machine's
// own business have it.
#include "net/framing/declared.hpp"

namespace synscope::framing {

namespace {

constexpr LengthField kLen32{0, 4, 4, false, true, false};
constexpr LengthField kLen32be{0, 4, 4, true, false, false};

}  // namespace

std::unique_ptr<Encoder> make_len32_encoder(Limits limits) {
    return make_length_encoder(kLen32, limits);
}
std::unique_ptr<Decoder> make_len32_decoder(Limits limits) {
    return make_length_decoder(kLen32, limits);
}
std::unique_ptr<Encoder> make_len32be_encoder(Limits limits) {
    return make_length_encoder(kLen32be, limits);
}
std::unique_ptr<Decoder> make_len32be_decoder(Limits limits) {
    return make_length_decoder(kLen32be, limits);
}

}  // namespace synscope::framing
