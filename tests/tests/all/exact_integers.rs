//! Integers of 64 bits in JavaScript, whose numbers hold 53: by rows, by columns, in lists, as keys, in state, in the configuration, in positions and in what a sink is given, each keeps all of its digits.

use sluicebox_tests::folder::Folder;
use sluicebox_tests::plugins::{component_in, repository};
use sluicebox_tests::program::run;

#[test]
fn no_digit_is_lost_on_the_way_through_an_operator() {
    let ran = run(&repository(), ["plugin", "test", "plugins/javascript/exact"]).ended_with(0);
    assert!(ran.stdout.ends_with("\n10 passed, 0 failed\n"), "{}", ran.stdout);
}

#[test]
fn no_digit_is_lost_from_a_receiver_to_a_sink() {
    let folder = Folder::new(&format!(
        "[plugin.exact]\ncomponent = '{}'\nconfig = {{ first = 9223372036854775805 }}\n\
         [stream.numbers]\nsource = {{ type = \"exact/counting\", max-rows = 2, max-time = \"10ms\" }}\n\
         [output.told]\ninput = \"numbers\"\nsink = {{ type = \"exact/tell\" }}\n",
        component_in("javascript", "exact").display()
    ));
    let ran = folder.run(&["--drain"]).ended_with(0);
    assert_eq!(ran.logged("it starts at 18446744073709551613").len(), 1, "{}", ran.stderr);
    let told = ran.logged("number: ").concat();
    for number in ["18446744073709551613", "18446744073709551614", "18446744073709551615"] {
        assert_eq!(told.matches(number).count(), 1, "{number} in {told}");
    }
}
