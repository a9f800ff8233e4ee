//! `wasi:cli`: what programs find at their start. A plugin finds no arguments, no input and no terminal, and of the environment what is granted; what it prints goes to its log.

use wasmtime::Result;
use wasmtime::component::Resource;

use super::bindings::wasi::cli::{
    environment, exit, stderr, stdin, stdout, terminal_input, terminal_output, terminal_stderr, terminal_stdin,
    terminal_stdout,
};
use super::streams::{InputStream, OutputStream};
use crate::plugin::guest::{Guest, Printed};

/// A terminal: there is none.
#[derive(Debug)]
pub enum Terminal {}

/// The guest ended itself, as a program does; an operator doesn't.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it ended itself with exit status {0}")]
pub struct Exited(pub u8);

impl environment::Host for Guest {
    fn get_environment(&mut self) -> Result<Vec<(String, String)>> {
        let granted = &self.outside().grants.env;
        // One that is not set, or is no text, was a mistake when the job was checked, and may have become one since.
        Ok(granted.iter().filter_map(|name| Some((name.clone(), std::env::var(name).ok()?))).collect())
    }

    fn get_arguments(&mut self) -> Result<Vec<String>> {
        Ok(vec![])
    }

    fn initial_cwd(&mut self) -> Result<Option<String>> {
        Ok(None)
    }
}

impl exit::Host for Guest {
    fn exit(&mut self, status: Result<(), ()>) -> Result<()> {
        self.exit_with_code(u8::from(status.is_err()))
    }

    fn exit_with_code(&mut self, code: u8) -> Result<()> {
        Err(Exited(code).into())
    }
}

impl stdin::Host for Guest {
    fn get_stdin(&mut self) -> Result<Resource<InputStream>> {
        Ok(self.outside().table.push(InputStream::Empty)?)
    }
}

impl stdout::Host for Guest {
    fn get_stdout(&mut self) -> Result<Resource<OutputStream>> {
        Ok(self.outside().table.push(OutputStream::to_log(Printed::Out))?)
    }
}

impl stderr::Host for Guest {
    fn get_stderr(&mut self) -> Result<Resource<OutputStream>> {
        Ok(self.outside().table.push(OutputStream::to_log(Printed::Error))?)
    }
}

impl terminal_input::Host for Guest {}

impl terminal_input::HostTerminalInput for Guest {
    fn drop(&mut self, this: Resource<Terminal>) -> Result<()> {
        self.outside().table.delete(this)?;
        Ok(())
    }
}

impl terminal_output::Host for Guest {}

impl terminal_output::HostTerminalOutput for Guest {
    fn drop(&mut self, this: Resource<Terminal>) -> Result<()> {
        self.outside().table.delete(this)?;
        Ok(())
    }
}

impl terminal_stdin::Host for Guest {
    fn get_terminal_stdin(&mut self) -> Result<Option<Resource<Terminal>>> {
        Ok(None)
    }
}

impl terminal_stdout::Host for Guest {
    fn get_terminal_stdout(&mut self) -> Result<Option<Resource<Terminal>>> {
        Ok(None)
    }
}

impl terminal_stderr::Host for Guest {
    fn get_terminal_stderr(&mut self) -> Result<Option<Resource<Terminal>>> {
        Ok(None)
    }
}
