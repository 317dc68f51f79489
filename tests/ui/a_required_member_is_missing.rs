//! A body without a required member does not compile.

use etiquette_apis::users::NewUser;

fn main() {
    let _ = NewUser::new("Charlie Brown");
}
