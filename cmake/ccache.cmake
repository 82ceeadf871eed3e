# ccache when the machine has it: a rebuild after a branch switch then costs seconds.
find_program(SYNSCOPE_CCACHE ccache)
if(SYNSCOPE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${SYNSCOPE_CCACHE}")
endif()
