#pragma once
// Golden files: tests/golden/<name>. SYNSCOPE_UPDATE_GOLDEN=1 in the environment writes them anew; look at
// the difference before committing it.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace synscope::render {

inline void expect_golden(const std::string& name, const std::string& now) {
    const std::string path = std::string(SYNSCOPE_GOLDEN_DIR) + "/" + name;
    if (std::getenv("SYNSCOPE_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << now;
    std::ifstream file(path, std::ios::binary);
    ASSERT_TRUE(file) << path;
    const std::string then{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(now, then) << "SYNSCOPE_UPDATE_GOLDEN=1 writes " << path << " anew";
}

}  // namespace synscope::render
