#pragma once
// The pure folders at work under clang and libc++, in one small program without a test framework: that they
// compile there is one thing, that they link and do their work another. A browser build will be exactly this.

#include <string_view>

namespace synscope::pure {

/// Prints each check that fails.
class Checks {
  public:
    void that(bool holds, std::string_view what);
    [[nodiscard]] int count() const noexcept { return count_; }
    [[nodiscard]] int failed() const noexcept { return failed_; }

  private:
    int count_ = 0;
    int failed_ = 0;
};

void check_net(Checks& checks);
void check_capture(Checks& checks);
void check_sim(Checks& checks);
void check_model(Checks& checks);

}  // namespace synscope::pure
