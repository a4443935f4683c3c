//! What stays on hosts of services that keep their place, and of those that come back to it.

use crate::cli::generate::{PLAN, generated};

#[test]
fn what_comes_back_and_goes_is_said_to_stay_where_it_ran_last() {
    let mut folder = generated(PLAN);
    let moved = PLAN.replace(
        "runs = [\"db\", \"cache\"]",
        "runs = [\"cache\"]\n[environments.prod.hosts.data-2]\naddress = \"10.0.1.22\"\nruns = [\"db\"]",
    );
    for plan in [moved.as_str(), PLAN] {
        let test = folder.test().plan(plan).args(["generate", "prod"]);
        folder = test.stdout_has(["left behind: db on data-"]).run();
    }
    let plan = PLAN
        .replace("uses.db = {}\n", "")
        .replace("[services.db]\nkind = \"postgres\"\n", "")
        .replace("\"db\", \"cache\"]", "\"cache\"]")
        .replace(", \"db\"", "");
    let test = folder.test().plan(&plan).args(["generate", "prod"]);
    test.stdout_has([
        "left behind: db on data-1 of prod, which nothing runs any more\n",
        "# docker volume rm shop-prod_db-data\n",
    ])
    .run();
}
