//! A `LoadTestShape` that goes through a list of stages, as those of Locust's examples do.

use super::attributes::{Member, members};
use super::file::File;
use super::refuse::Refusals;
use crate::expr::Value;
use crate::limits::{LONGEST_S, STAGES, USERS};
use crate::model::Stage;
use ruff_python_ast::{self as ast, CmpOp, Expr, Stmt};
use ruff_text_size::Ranged;
use std::time::Duration;

/// The stages of the shape; none where the file has none.
pub(super) fn stages<'f>(file: &File<'f>, refusals: &mut Refusals) -> Vec<Stage> {
    let is_shape = |class: &&&'f ast::StmtClassDef| {
        let lineage = file.lineage(class);
        lineage.roots.iter().any(|(name, _)| name == "LoadTestShape")
    };
    let mut shapes = file.classes.iter().filter(is_shape);
    let (Some(&shape), None) = (shapes.next(), shapes.next()) else {
        if let Some(second) = file.classes.iter().filter(is_shape).nth(1) {
            refusals.wrong(second.name.range, "a file has one load shape", "keep one of them");
        }
        return Vec::new();
    };
    match of_class(file, shape, refusals) {
        Some(stages) => stages,
        None => {
            refusals.untranslated(
                shape.name.range,
                "this load shape does not go through a list of stages",
                "give them with --stages, as in `--stages 1m:10@2,2m:50@5`",
            );
            Vec::new()
        }
    }
}

/// `None` where it is not the form that is understood.
fn of_class<'f>(
    file: &File<'f>,
    class: &'f ast::StmtClassDef,
    refusals: &mut Refusals,
) -> Option<Vec<Stage>> {
    let members = members(class, refusals);
    let mut tick = None;
    let mut lists = Vec::new();
    for (name, member) in &members {
        match member {
            Member::Method(method) if *name == "tick" => tick = Some(*method),
            Member::Value(value) => lists.push((*name, *value)),
            Member::Method(_) | Member::Class(_) => return None,
        }
    }
    let (list, fields) = walk_of(tick?)?;
    let (_, value) = lists.iter().find(|(name, _)| *name == list)?;
    let Value::List(rows) = file.value(value, refusals)? else { return None };
    if rows.is_empty() || rows.len() > STAGES {
        return None;
    }
    let mut stages = Vec::new();
    let mut before = 0.0;
    for (number, row) in rows.iter().enumerate() {
        let number_of = |field: &Field| match field.of(row)? {
            Value::Int(number) => u32::try_from(*number).ok().map(f64::from),
            Value::Float(number) => Some(*number),
            _ => None,
        };
        let users = match fields[1].of(row)? {
            Value::Int(users) => u64::try_from(*users).ok().filter(|users| *users <= USERS),
            _ => None,
        };
        let (end, rate) = (number_of(&fields[0])?, number_of(&fields[2])?);
        if end <= before {
            // Its time is over before it begins.
            continue;
        }
        let (Some(users), true) = (users, end <= LONGEST_S && rate > 0.0 && rate.is_finite()) else {
            let message = format!(
                "stage {} has no whole number of users, no spawn rate, or lasts too long",
                number + 1
            );
            let remedy = "write seconds from the beginning of the test, users, and a spawn rate above 0";
            refusals.wrong(value.range(), message, remedy);
            return Some(Vec::new());
        };
        stages.push(Stage {
            name: (stages.len() + 1).to_string(),
            duration: Duration::from_secs_f64(end - before),
            users,
            spawn_rate: rate,
        });
        before = end;
    }
    Some(stages)
}

/// What is read of a stage: by name, or by place.
enum Field {
    Name(String),
    Place(usize),
}

impl Field {
    fn of<'v>(&self, row: &'v Value) -> Option<&'v Value> {
        match (self, row) {
            (Self::Name(name), _) => row.member(name),
            (Self::Place(place), Value::List(items)) => items.get(*place),
            (Self::Place(_), _) => None,
        }
    }
}

/// The list that `tick` goes through, and how duration, users and spawn rate are read of a stage.
fn walk_of(tick: &ast::StmtFunctionDef) -> Option<(&str, [Field; 3])> {
    let this = tick.parameters.args.first()?.parameter.name.as_str();
    let mut body = tick.body.iter().filter(
        |statement| !matches!(statement, Stmt::Expr(expression) if expression.value.is_literal_expr()),
    );
    let (time, goes): (Option<&str>, _) = match body.next()? {
        Stmt::Assign(assign) if is_run_time(&assign.value, this) => match assign.targets.as_slice() {
            [Expr::Name(name)] => (Some(name.id.as_str()), body.next()?),
            _ => return None,
        },
        other => (None, other),
    };
    let Stmt::For(each) = goes else { return None };
    let Expr::Name(stage) = &*each.target else { return None };
    let Expr::Attribute(list) = &*each.iter else { return None };
    let of_self = matches!(&*list.value, Expr::Name(name) if name.id == this);
    let [Stmt::If(decides)] = each.body.as_slice() else { return None };
    let Expr::Compare(compare) = &*decides.test else { return None };
    let now = match &*compare.left {
        Expr::Name(name) => time.is_some_and(|time| name.id == time),
        other => is_run_time(other, this),
    };
    let ([CmpOp::Lt | CmpOp::LtE], [end]) = (&*compare.ops, &*compare.comparators) else { return None };
    let result = match decides.body.as_slice() {
        [Stmt::Return(result)] => result.value.as_deref()?,
        [Stmt::Assign(assign), Stmt::Return(result)] => {
            match (assign.targets.as_slice(), result.value.as_deref()?) {
                ([Expr::Name(kept)], Expr::Name(given)) if kept.id == given.id => &*assign.value,
                _ => return None,
            }
        }
        _ => return None,
    };
    let Expr::Tuple(result) = result else { return None };
    let [users, rate] = &*result.elts else { return None };
    let ends = match body.next() {
        None => true,
        Some(Stmt::Return(last)) => last.value.as_deref().is_none_or(Expr::is_none_literal_expr),
        Some(_) => false,
    };
    let plain = of_self && now && ends && each.orelse.is_empty() && decides.elif_else_clauses.is_empty();
    let stage = stage.id.as_str();
    let fields = [field(end, stage)?, field(users, stage)?, field(rate, stage)?];
    (plain && body.next().is_none()).then_some((list.attr.as_str(), fields))
}

/// `self.get_run_time()`
fn is_run_time(python: &Expr, this: &str) -> bool {
    let Expr::Call(call) = python else { return false };
    let Expr::Attribute(method) = &*call.func else { return false };
    method.attr.as_str() == "get_run_time"
        && call.arguments.args.is_empty()
        && call.arguments.keywords.is_empty()
        && matches!(&*method.value, Expr::Name(name) if name.id == this)
}

/// `stage["users"]` or `stage[1]`
fn field(python: &Expr, stage: &str) -> Option<Field> {
    let Expr::Subscript(item) = python else { return None };
    if !matches!(&*item.value, Expr::Name(name) if name.id == stage) {
        return None;
    }
    match &*item.slice {
        Expr::StringLiteral(name) => Some(Field::Name(name.value.to_str().to_owned())),
        Expr::NumberLiteral(ast::ExprNumberLiteral { value: ast::Number::Int(place), .. }) => {
            place.as_u64().and_then(|place| usize::try_from(place).ok()).map(Field::Place)
        }
        _ => None,
    }
}
