/* Tests of sluicebox.hpp, on the machine: classes of operators, called as the host calls them, without a host. */
#include "tests.hpp"

int main() {
    tests::test_columns();
    tests::test_configurations();
    tests::test_transforms();
    tests::test_aggregates();
    tests::test_states();
    tests::test_receivers();
    tests::test_sinks();
    arena_reset(&of_open);
    std::printf("the SDK for C++: %d checks hold\n", n_checks);
    return 0;
}
