# cmake -DINPUT=lessons/demo.yaml -DFUNCTION=demo_yaml -DOUTPUT=demo_yaml.cpp -P embed.cmake
# The file as an array of bytes: no raw string literal, so no limit on its length and nothing in it can end it.
file(READ "${INPUT}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
string(REGEX REPLACE "(('[^']+',){16})" "\\1\n    " bytes "${bytes}")
file(WRITE "${OUTPUT}" "#include \"sim/scenario/builtin.hpp\"

namespace synscope::scenario {

namespace {
constexpr char kText[] = {
    ${bytes}
};
}  // namespace

std::string_view ${FUNCTION}() noexcept { return {kText, sizeof kText}; }

}  // namespace synscope::scenario
")
