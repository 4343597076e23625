create schema content;
