//! Locustfiles beside the YAML that they become, and what is said of those that YAML cannot say. `UPDATE_EXPECT=1`
//! rewrites the texts.

use super::{expect_file, files, here, root};
use akrida_scenario::{Source, convert};
use std::path::PathBuf;
use std::sync::Arc;

/// The files beside a locustfile.
struct Beside(PathBuf);

impl Source for Beside {
    fn file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        std::fs::read(self.0.join(path)).map(Into::into).map_err(|error| error.to_string())
    }

    fn secret_file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        Err(format!("{path} is not wanted"))
    }

    fn environment(&self, name: &str) -> Option<String> {
        panic!("the environment is read: {name}")
    }
}

#[test]
fn locustfiles_become_the_yaml_beside_them() {
    let (mut converted, mut refused) = (0, 0);
    for folder in
        [here().join("good_python"), root().join("scenarios/locustfiles"), root().join("tests/locustfiles")]
    {
        for (path, text) in files(&folder) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let of_tests = folder.ends_with("tests/locustfiles");
            let beside =
                here().join("converted").join(if of_tests { format!("run_{name}") } else { name.clone() });
            match convert::locustfile(&name, &text, &Beside(folder.clone())) {
                Ok(made) => {
                    converted += 1;
                    expect_file(&beside.with_extension("yaml"), &made.yaml);
                }
                Err(problems) => {
                    refused += 1;
                    expect_file(&beside.with_extension("txt"), &problems.render(false));
                }
            }
        }
    }
    assert!(converted > 25 && refused > 8, "{converted} {refused}");
}

#[test]
fn the_guide_shows_what_becomes_of_its_locustfile() {
    let guide = std::fs::read_to_string(root().join("docs/convert.md")).unwrap();
    let block = |begin: &str| {
        let rest = guide.split_once(begin).unwrap().1;
        rest.split_once("```\n").unwrap().0
    };
    let made = convert::locustfile("shopper.py", block("```python\n"), &Beside(PathBuf::new())).unwrap();
    assert_eq!(made.yaml, block("```yml\n"));
    assert!(made.notes.is_empty());
}

#[test]
fn the_environment_is_not_read() {
    let text = "import os\nfrom locust import HttpUser, task\n\n\nclass A(HttpUser):\n    \
                host = os.getenv(\"TARGET\", \"http://localhost\")\n\n    @task\n    def t(self):\n        \
                self.client.get(\"/\")\n";
    struct Nothing;
    impl Source for Nothing {
        fn file(&self, path: &str) -> Result<Arc<[u8]>, String> {
            Err(path.to_owned())
        }
        fn secret_file(&self, path: &str) -> Result<Arc<[u8]>, String> {
            Err(path.to_owned())
        }
        fn environment(&self, _: &str) -> Option<String> {
            Some("http://secret.example".to_owned())
        }
    }
    let made = convert::locustfile("a.py", text, &Nothing).unwrap();
    assert!(
        made.yaml.contains("host: http://localhost\n") && !made.yaml.contains("secret.example"),
        "{}",
        made.yaml
    );
    assert!(made.notes[0].contains("TARGET"), "{:?}", made.notes);
}
