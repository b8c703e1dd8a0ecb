//! What can be said of a locustfile that is not translated: which user classes it has, and how many users of each
//! there are to be.
//!
//! Here everything is tolerated that Python would take: what a class does is the business of the Python workers that
//! run it. What is not written out, such as a weight that is computed, is taken as Locust's default, with a remark.

use crate::Scenario;
use crate::limits::{CLASSES, DEPTH, USERS, WEIGHT};
use crate::model::{Task, UserClass};
use crate::select::{SelectError, Selected, Selection, tags_in_words};
use ruff_python_ast::{self as ast, Decorator, Expr, Number, Stmt};
use std::collections::HashMap;

/// The user classes of a locustfile, as reading it shows them.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// What the file is called.
    pub file: String,
    /// In the order of the file, without abstract ones and those of weight 0.
    pub classes: Vec<OutlinedClass>,
    /// What could not be read, each in one line.
    pub remarks: Vec<String>,
}

/// A user class, as reading the file shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlinedClass {
    /// Its name.
    pub name: String,
    /// As in [`UserClass::weight`].
    pub weight: u32,
    /// As in [`UserClass::fixed_count`].
    pub fixed_count: u64,
    /// Its base address, where it is written out.
    pub host: Option<String>,
    /// Its tasks: name, weight, tags.
    pub tasks: Vec<(String, u32, Vec<String>)>,
    /// Whether these are all: none is inherited from elsewhere or put together by code.
    pub all_tasks: bool,
}

impl Outline {
    /// What `selection` asks for, as a scenario whose tasks have no steps: good for counting users, not for running
    /// them. A class that is asked for by name and was not seen is believed in, for code may make it.
    ///
    /// # Errors
    /// When nothing is left.
    pub fn select(mut self, selection: &Selection) -> Result<Selected, SelectError> {
        let mut warnings = self.remarks;
        for name in &selection.classes {
            if !self.classes.iter().any(|class| class.name == *name) {
                warnings.push(format!("{name} is not seen in {}; it is taken with weight 1", self.file));
                self.classes.push(OutlinedClass {
                    name: name.clone(),
                    weight: 1,
                    fixed_count: 0,
                    host: None,
                    tasks: Vec::new(),
                    all_tasks: false,
                });
            }
        }
        // Before their tags: a class that loses all its tasks is no unknown one.
        self.classes.retain(|class| selection.classes.is_empty() || selection.classes.contains(&class.name));
        let tags = tags_in_words(self.classes.iter().flat_map(|class| &class.tasks).flat_map(|task| &task.2));
        let classes = self.classes.into_iter().filter_map(|class| class.selected(selection, &mut warnings));
        let scenario = Scenario { file: self.file, classes: classes.collect(), ..Scenario::default() };
        if scenario.classes.is_empty() {
            return Err(SelectError::Empty { file: scenario.file, tags });
        }
        let rest = Selection { equal_weights: selection.equal_weights, ..Selection::default() };
        let mut selected = scenario.select(&rest)?;
        warnings.append(&mut selected.warnings);
        Ok(Selected { warnings, ..selected })
    }
}

impl OutlinedClass {
    fn selected(self, selection: &Selection, warnings: &mut Vec<String>) -> Option<UserClass> {
        let mut tasks: Vec<Task> = self
            .tasks
            .into_iter()
            .filter(|(_, _, tags)| selection.takes(tags))
            .map(|(name, weight, tags)| Task { name, weight, tags, ..Task::default() })
            .collect();
        if tasks.is_empty() {
            if self.all_tasks {
                warnings.push(format!("{} has no tasks left after filtering, it takes no part", self.name));
                return None;
            }
            tasks.push(Task { name: "(not seen)".to_owned(), weight: 1, ..Task::default() });
        }
        Some(UserClass {
            name: self.name,
            weight: self.weight,
            fixed_count: self.fixed_count,
            host: self.host,
            tasks,
            ..UserClass::default()
        })
    }
}

/// The outline of a module that was parsed. Stops at [`CLASSES`].
pub(super) fn read(file: &str, body: &[Stmt]) -> Outline {
    let mut module = Module::default();
    module.block(body, 0);
    let mut outline = Outline { file: file.to_owned(), ..Outline::default() };
    for name in &module.order {
        let Some(class) = module.classes.get(name) else { continue };
        if module.derives(class, "LoadTestShape", DEPTH) {
            outline
                .remarks
                .push(format!("the load shape {name} is not followed: say --stages, or -u and -r"));
        }
        if !module.derives(class, "User", DEPTH) {
            continue;
        }
        if module.is_abstract(class) {
            continue;
        }
        let class = module.outlined(class, &mut outline.remarks);
        if class.weight > 0 || class.fixed_count > 0 {
            outline.classes.push(class);
        }
    }
    outline
}

/// What a module defines at its top level, whatever condition stands before it. Later definitions win.
#[derive(Default)]
struct Module<'f> {
    classes: HashMap<&'f str, &'f ast::StmtClassDef>,
    /// Names of the classes, in the order of the file.
    order: Vec<&'f str>,
    /// What imported names are called where they come from.
    imports: HashMap<&'f str, &'f str>,
    constants: HashMap<&'f str, &'f Expr>,
}

impl<'f> Module<'f> {
    fn block(&mut self, body: &'f [Stmt], depth: usize) {
        if depth > DEPTH {
            return;
        }
        for statement in body {
            match statement {
                Stmt::ClassDef(class) => self.class(class),
                Stmt::ImportFrom(import) => {
                    for alias in &import.names {
                        let name = alias.asname.as_ref().unwrap_or(&alias.name);
                        self.imports.insert(name, &alias.name);
                    }
                }
                Stmt::Assign(assign) => {
                    if let [Expr::Name(name)] = assign.targets.as_slice() {
                        self.constants.insert(&name.id, &assign.value);
                    }
                }
                Stmt::AnnAssign(ast::StmtAnnAssign { target, value: Some(value), .. }) => {
                    if let Expr::Name(name) = &**target {
                        self.constants.insert(&name.id, value);
                    }
                }
                Stmt::If(conditional) => {
                    self.block(&conditional.body, depth + 1);
                    for clause in &conditional.elif_else_clauses {
                        self.block(&clause.body, depth + 1);
                    }
                }
                Stmt::With(with) => self.block(&with.body, depth + 1),
                Stmt::Try(attempt) => {
                    self.block(&attempt.body, depth + 1);
                    for ast::ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
                        self.block(&handler.body, depth + 1);
                    }
                    self.block(&attempt.orelse, depth + 1);
                    self.block(&attempt.finalbody, depth + 1);
                }
                _ => {}
            }
        }
    }

    fn class(&mut self, class: &'f ast::StmtClassDef) {
        if self.order.len() < CLASSES && self.classes.insert(&class.name, class).is_none() {
            self.order.push(&class.name);
        }
    }

    /// Whether the class derives from something elsewhere whose name ends so. Users are made of what is called a user.
    fn derives(&self, class: &ast::StmtClassDef, ending: &str, depth: usize) -> bool {
        depth > 0
            && bases(class).any(|base| match self.base(base) {
                Base::Here(class) => self.derives(class, ending, depth - 1),
                Base::Elsewhere(name) => name.ends_with(ending),
            })
    }

    /// What a base class is. `Generic[T]` is `Generic`.
    fn base<'a>(&'a self, base: &'a Expr) -> Base<'a> {
        match base {
            Expr::Name(name) => match (self.classes.get(&*name.id), self.imports.get(&*name.id)) {
                (Some(class), _) => Base::Here(class),
                (None, Some(name)) => Base::Elsewhere(name),
                (None, None) => Base::Elsewhere(&name.id),
            },
            Expr::Attribute(attribute) => Base::Elsewhere(&attribute.attr),
            Expr::Subscript(subscript) => self.base(&subscript.value),
            _ => Base::Elsewhere(""),
        }
    }

    /// The class and those of this module that it derives from, in about the order in which Python looks them up.
    fn family<'a>(&'a self, class: &'a ast::StmtClassDef) -> Vec<&'a ast::StmtClassDef> {
        let mut family: Vec<&ast::StmtClassDef> = Vec::new();
        let mut next = vec![class];
        while let Some(class) = next.pop() {
            if family.len() >= CLASSES || family.iter().any(|known| std::ptr::eq(*known, class)) {
                continue;
            }
            family.push(class);
            let bases: Vec<_> = bases(class).collect();
            next.extend(bases.into_iter().rev().filter_map(|base| match self.base(base) {
                Base::Here(class) => Some(class),
                Base::Elsewhere(_) => None,
            }));
        }
        family
    }

    fn is_abstract(&self, class: &ast::StmtClassDef) -> bool {
        // As in Locust, this is not inherited.
        own(class, "abstract").is_some_and(
            |value| matches!(self.constant(value), Expr::BooleanLiteral(literal) if literal.value),
        )
    }

    fn outlined(&self, class: &'f ast::StmtClassDef, remarks: &mut Vec<String>) -> OutlinedClass {
        let family = self.family(class);
        let mut number = |name: &str, usual: u64, most: u64| {
            match self.find(&family, name) {
            None | Some(Expr::NoneLiteral(_)) => usual,
            Some(value) => whole(value).filter(|number| *number <= most).unwrap_or_else(|| {
                remarks.push(format!(
                    "`{name}` of {} is not a whole number up to {most} that stands in the file; {usual} is taken",
                    class.name
                ));
                usual
            }),
        }
        };
        let weight = number("weight", 1, WEIGHT.into());
        let fixed_count = number("fixed_count", 0, USERS);
        let host = match self.find(&family, "host") {
            Some(Expr::StringLiteral(host)) if !host.value.is_empty() => Some(host.value.to_string()),
            _ => None,
        };
        let (tasks, all_tasks) = self.tasks(&family);
        OutlinedClass {
            name: class.name.to_string(),
            weight: u32::try_from(weight).unwrap_or(WEIGHT),
            fixed_count,
            host,
            tasks,
            all_tasks,
        }
    }

    /// What `name` stands for in a class of this family.
    fn find<'a>(&'a self, family: &[&'a ast::StmtClassDef], name: &str) -> Option<&'a Expr> {
        family.iter().find_map(|class| own(class, name)).map(|value| self.constant(value))
    }

    /// Tasks by name, weight and tags, and whether these are all.
    fn tasks(&self, family: &[&ast::StmtClassDef]) -> (Vec<(String, u32, Vec<String>)>, bool) {
        const BARE: [&str; 3] = ["User", "HttpUser", "FastHttpUser"];
        let (mut tasks, mut all) = (Vec::new(), true);
        for class in family {
            all &= own(class, "tasks").is_none();
            all &= bases(class).all(|base| match self.base(base) {
                Base::Here(_) => true,
                Base::Elsewhere(name) => BARE.contains(&name),
            });
            for statement in &class.body {
                let (name, decorators) = match statement {
                    Stmt::FunctionDef(method) => (&method.name, &method.decorator_list),
                    // A set of tasks has tags of its own.
                    Stmt::ClassDef(set) => (&set.name, &set.decorator_list),
                    _ => continue,
                };
                let Some(weight) = decorators.iter().find_map(|decorator| self.task_weight(decorator)) else {
                    continue;
                };
                all &= statement.is_function_def_stmt();
                if !tasks.iter().any(|(known, _, _)| *known == name.as_str()) {
                    let tags = decorators.iter().flat_map(|decorator| self.tags(decorator)).collect();
                    tasks.push((name.to_string(), weight, tags));
                }
            }
        }
        (tasks, all)
    }

    /// The weight that `@task` gives; `None` for another decorator.
    fn task_weight(&self, decorator: &Decorator) -> Option<u32> {
        let (name, arguments) = self.called(&decorator.expression);
        let weight = || Some(whole(self.constant(arguments.first()?))?.try_into().unwrap_or(WEIGHT));
        (name == "task").then(|| weight().unwrap_or(1))
    }

    /// The tags that `@tag` gives.
    fn tags(&self, decorator: &Decorator) -> Vec<String> {
        let (name, arguments) = self.called(&decorator.expression);
        let tags = arguments.iter().filter(|_| name == "tag").filter_map(|argument| {
            self.constant(argument).as_string_literal_expr().map(|tag| tag.value.to_string())
        });
        tags.collect()
    }

    /// What is called, by its name where it comes from, and with what.
    fn called<'a>(&'a self, expression: &'a Expr) -> (&'a str, &'a [Expr]) {
        let (callee, arguments) = match expression {
            Expr::Call(call) => (&*call.func, &*call.arguments.args),
            other => (other, &[][..]),
        };
        let name = match callee {
            Expr::Name(name) => self.imports.get(&*name.id).copied().unwrap_or(&name.id),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => "",
        };
        (name, arguments)
    }

    /// What a name stands for, if it is a constant of the module; else the expression itself.
    fn constant<'a>(&'a self, value: &'a Expr) -> &'a Expr {
        match value {
            Expr::Name(name) => self.constants.get(&*name.id).copied().unwrap_or(value),
            other => other,
        }
    }
}

enum Base<'a> {
    Here(&'a ast::StmtClassDef),
    /// By its name.
    Elsewhere(&'a str),
}

fn bases(class: &ast::StmtClassDef) -> impl Iterator<Item = &Expr> {
    class.arguments.iter().flat_map(|arguments| &*arguments.args)
}

/// What `name` is given in the body of the class, the last time.
fn own<'f>(class: &'f ast::StmtClassDef, name: &str) -> Option<&'f Expr> {
    class.body.iter().rev().find_map(|statement| match statement {
        Stmt::Assign(assign) => {
            let is_named = |target: &Expr| matches!(target, Expr::Name(target) if target.id == name);
            assign.targets.iter().any(is_named).then_some(&*assign.value)
        }
        Stmt::AnnAssign(ast::StmtAnnAssign { target, value: Some(value), .. }) => {
            matches!(&**target, Expr::Name(target) if target.id == name).then_some(&**value)
        }
        _ => None,
    })
}

fn whole(value: &Expr) -> Option<u64> {
    match value {
        Expr::NumberLiteral(ast::ExprNumberLiteral { value: Number::Int(number), .. }) => number.as_u64(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::outline;
    use super::*;

    fn shown(text: &str) -> String {
        let outline = outline("lf.py", text).unwrap();
        let mut lines: Vec<_> = outline
            .classes
            .iter()
            .map(|class| {
                let tasks = class.tasks.iter().map(|(name, weight, tags)| {
                    let tags = if tags.is_empty() { String::new() } else { format!(" [{}]", tags.join(" ")) };
                    format!("{name}*{weight}{tags}")
                });
                let tasks = tasks.chain((!class.all_tasks).then(|| "...".to_owned())).collect::<Vec<_>>();
                let host = class.host.as_deref().unwrap_or("-");
                format!(
                    "{} *{} ={} {host}: {}",
                    class.name,
                    class.weight,
                    class.fixed_count,
                    tasks.join(", ")
                )
            })
            .collect();
        lines.extend(outline.remarks);
        lines.join("\n")
    }

    #[test]
    fn what_a_file_says_of_its_users() {
        insta::assert_snapshot!(shown(r#"
import os, psycopg2
from locust import HttpUser as Base, FastHttpUser, TaskSet, tag, task
import locust
from company.load import ShopUser, Mixin

WEIGHT = 4
connection = psycopg2.connect("...")

@events.init.add_listener
def start(environment, **kwargs):
    pass

class Helper: pass
class Steps(TaskSet):
    @task
    def step(self): pass

class Common(Mixin, Base):
    abstract = True
    host = "http://shop"
    weight: int = 2
    @task(5)
    @tag("read", "fast")
    def read(self): pass

class Reader(Common):
    weight = WEIGHT

class Writer(Common):
    fixed_count = 3
    @locust.task
    def write(self): pass
    @task
    def read(self): pass

if os.environ.get("MORE"):
    class More(locust.FastHttpUser):
        tasks = [Steps]
else:
    try:
        class Other(ShopUser):
            weight = int(os.environ["W"])
            host = os.environ["H"]
    finally:
        pass

class Idle(FastHttpUser):
    weight = 0
class Ramp(locust.LoadTestShape):
    def tick(self): return (1, 1)
class Loop(Loop2): pass
class Loop2(Loop): pass
class Socket(locust.User):
    @task
    class Inner(TaskSet): pass
"#), @r"
        Reader *4 =0 http://shop: read*5 [read fast], ...
        Writer *2 =3 http://shop: write*1, read*1, ...
        More *1 =0 -: ...
        Other *1 =0 -: ...
        Socket *1 =0 -: Inner*1, ...
        `weight` of Other is not a whole number up to 1000000 that stands in the file; 1 is taken
        the load shape Ramp is not followed: say --stages, or -u and -r
        ");
    }

    #[test]
    fn a_selection_takes_classes_by_name_and_by_tag_where_all_tasks_are_seen() {
        let text = r#"
from locust import HttpUser, tag, task
from company import ShopUser
class A(HttpUser):
    @tag("x")
    @task
    def a(self): pass
class B(HttpUser):
    @task
    def b(self): pass
class C(ShopUser): pass
"#;
        let check = |classes: &[&str], tags: &[&str], expected: &str| {
            let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
            let selection = Selection { classes: owned(classes), tags: owned(tags), ..Selection::default() };
            let selected = outline("lf.py", text).unwrap().select(&selection).unwrap();
            let mut names: Vec<_> = selected.scenario.classes.into_iter().map(|class| class.name).collect();
            names.extend(selected.warnings);
            assert_eq!(names.join(" | "), expected);
        };
        check(&[], &[], "A | B | C");
        check(&["C", "A"], &[], "A | C");
        check(&["Made"], &[], "Made | Made is not seen in lf.py; it is taken with weight 1");
        check(&[], &["x"], "A | C | B has no tasks left after filtering, it takes no part");
        let none = Selection {
            classes: vec!["B".to_owned(), "A".to_owned()],
            tags: vec!["y".to_owned()],
            ..Selection::default()
        };
        let error = outline("lf.py", text).unwrap().select(&none).unwrap_err();
        assert_eq!(error.to_string(), "no task is left after filtering by tags; lf.py has the tags x");
    }

    #[test]
    fn what_is_no_python_has_no_outline() {
        assert!(outline("lf.py", "class A(HttpUser:\n").is_err());
        assert!(outline("lf.py", &"(".repeat(10_000)).is_err());
        assert!(outline("lf.py", "import locust\n").unwrap().classes.is_empty());
    }
}
