from locust import HttpLocust, TaskSet, task

class T(TaskSet):
    @task
    def t(self):
        print "x"
        exec "y"

class U(HttpLocust):
    task_set = T
